import { quote } from "shlex";
import * as nspawn from "../../../index";
import { upWithBase } from "../../support/bases";
import { connectionTo } from "../../support/connection";
import type { Suite, TestHost } from "../../support/hosts";
import { Stack } from "../../support/stack";

/** What an attack changes in the program. */
export interface Changes {
  readonly run?: string;
  readonly environment?: Record<string, string>;
}

const MACHINES = ["box", "open"] as const;

/**
 * A stack of the real CLI with two machines whose root does what it likes with everything that Pulumi runs inside;
 * "open" has the host's user IDs. The host's loopback has a port of "box".
 */
export class OutputGround {
  /** The machine with a link of its own. */
  readonly guest = { machine: "box", address: "10.42.1.80", gateway: "10.42.1.1" };

  private constructor(
    readonly host: TestHost,
    readonly stack: Stack,
  ) {}

  static async make(suite: Suite): Promise<OutputGround> {
    const host = await upWithBase({ name: `hostile-output-${suite}`, suite });
    const ground = new OutputGround(host, await Stack.create("dev"));
    try {
      await ground.up();
      const front = `[ ! -e /hostile ] || . /hostile; exec /bin/dash "$@"`;
      for (const machine of MACHINES) {
        await host.sh(
          `cd /var/lib/machines/${machine}/usr/bin; rm sh; printf '%s\\n' '#!/bin/dash' '${front}' >sh; chmod 0755 sh`,
        );
      }
      return ground;
    } catch (error) {
      await ground.dispose();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.stack.dispose();
    await this.host.down();
  }

  program({ run = "echo made", environment = {} }: Changes = {}) {
    return async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(this.host) });
      const network = new nspawn.VethNetwork("dev", { host: server, subnet: "10.42.1.0/24" });
      const machineOf = (name: string, args: Partial<nspawn.NspawnMachineArgs>) => {
        const rootfs = new nspawn.DebianRootfs(name, { host: server });
        return new nspawn.NspawnMachine(name, { rootfs, ...args });
      };
      const inside = (name: string, machine: nspawn.NspawnMachine, step: string) =>
        new nspawn.Provision(name, {
          machine,
          files: [{ path: "/etc/motd", content: "Made by Pulumi.\n" }],
          steps: [{ name: "make", run: step }],
          timeouts: { delete: 40 },
        });
      inside("in-open", machineOf("open", { privateUsers: false }), "echo open");
      const networks = [network.attach({ address: this.guest.address, ports: ["8080:80"] })];
      const { results } = inside("in-box", machineOf("box", { environment, networks }), run);
      return { results };
    };
  }

  /** A run that must succeed. */
  async up(changes: Changes = {}) {
    const run = await this.stack.up(this.program(changes));
    if (run.text.includes("error:")) throw new Error(run.text);
    return run;
  }

  async refreshed() {
    const run = await this.stack.refresh();
    if (run.text.includes("error:")) throw new Error(run.text);
    return run;
  }

  /** What the guests' `/bin/sh` does before it is a shell. */
  async hostile(script: string): Promise<void> {
    for (const machine of MACHINES) {
      const file = `/var/lib/machines/${machine}/hostile`;
      const text = Buffer.from(script).toString("base64");
      await this.host.sh(script === "" ? `rm -f ${file}` : `echo ${text} | base64 -d >${file}`);
    }
  }

  inBox(command: string, ...options: string[]): Promise<string> {
    return this.host.sh(
      `systemd-run -q -M box ${options.join(" ")} /bin/dash -c ${quote(command)} </dev/null 2>&1 | cat`,
    );
  }

  /** Removes what is inside "box", and returns what the CLI says. */
  destroyed(): Promise<{ readonly ok: boolean; readonly text: string }> {
    return this.stack.cli("destroy", "--yes", "--skip-preview", "--color=never", "--target", "**in-box").then(
      (text) => ({ ok: true, text }),
      (error: unknown) => ({ ok: false, text: String(error) }),
    );
  }
}
