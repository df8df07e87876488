import { Client } from "@grpc/grpc-js";
import { runtime } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";

/**
 * The connections to the engine that an inline program makes. Pulumi leaves them open, and once the engine is gone they
 * dial its port for as long as this process lives. An engine that gets such a port later cannot be reached: gRPC shares
 * the wait between two dials among all callers of an address. A program that reaches no engine ends successfully, like
 * one without resources.
 */
export class EngineConnections {
  private readonly clients: unknown[] = [];

  /** The same program, but its connections are recorded. */
  of(program: PulumiFn): PulumiFn {
    return () => {
      this.clients.push(runtime.getMonitor(), runtime.getEngine());
      return program();
    };
  }

  close(): void {
    for (const client of this.clients) if (client instanceof Client) client.close();
  }
}
