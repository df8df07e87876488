import { createRequire } from "node:module";
import type { Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import { visible } from "../remote";
import { engineAddress } from "./engine";

const MESSAGE_LIMIT = 1024 * 1024;
/** A failed message must not fail the operation that it reports on. */
const MESSAGE_MS = 10_000;

interface Engine {
  readonly client: EngineClient;
  readonly metadata: Metadata;
}

let engine: Engine | undefined;
const logged = new Set<string>();
const underway = new Set<Promise<void>>();

/** Replaces the text in a resource's own row. */
export function sendStatus(urn: string, text: string): void {
  send(urn, text, LogSeverity.INFO, true);
}

/** A line that stays in the resource's row and under Diagnostics, once per resource and text. */
export function log(urn: string, text: string, severity: "info" | "warning"): void {
  const key = `${urn}\n${severity}\n${text}`;
  if (logged.has(key)) return;
  logged.add(key);
  send(urn, text, severity === "info" ? LogSeverity.INFO : LogSeverity.WARNING, false);
}

function send(urn: string, text: string, severity: 0 | 1 | 2 | 3, ephemeral: boolean): void {
  const to = connect();
  if (to === undefined) return;
  const request = new LogRequest();
  request.setUrn(urn);
  request.setMessage(visible(text.slice(0, MESSAGE_LIMIT)));
  request.setSeverity(severity);
  request.setEphemeral(ephemeral);
  // A lost message changes nothing on a host, so its failure is not an error of the operation, and nothing waits long
  // for it.
  const sent = new Promise<void>((resolve) => {
    to.client.log(request, to.metadata, { deadline: Date.now() + MESSAGE_MS }, () => resolve());
  }).finally(() => underway.delete(sent));
  underway.add(sent);
}

/** Resolves when the engine has received all messages: after an operation's answer it may no longer listen. */
export async function flush(): Promise<void> {
  await Promise.all(underway);
}

/** Outside a provider process there is no engine. */
function connect(): Engine | undefined {
  const address = engineAddress();
  if (engine === undefined && address !== undefined) {
    // The channel's credentials must come from the very copy of grpc-js that the SDK's client uses.
    const grpc: typeof import("@grpc/grpc-js") = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js");
    const client = new EngineClient(address, grpc.credentials.createInsecure());
    engine = { client, metadata: new grpc.Metadata() };
  }
  return engine;
}
