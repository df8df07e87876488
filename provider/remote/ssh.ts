import type { Writable } from "node:stream";
import { quote } from "shlex";
import type { Client, ClientChannel } from "ssh2";
import type { Invocation } from "./command";
import { Completion } from "./completion";
import { withEarlyInput } from "./early-input";
import type { Exit } from "./exit";
import { writeInput } from "./input";
import type { Output } from "./output";
import { detailOf, messageOf } from "./unknown-error";

/** The connection ended before the command did. */
export class LinkLost extends Error {}

/** The host would not open one more session on the connection. */
export class NoChannel extends Error {}

/** What is asked of a connection. */
interface Connected {
  readonly client: Client;
  readonly alive: boolean;
  /** Calls back when the connection ends, with the reason; returns what takes that back. */
  whenEnded(listener: (why: string) => void): () => void;
}

/** Runs a command on a connection. Whatever happens to the connection, the promise is settled. */
export function execOverSsh(
  link: Connected,
  invocation: Invocation,
  milliseconds: number,
  output: Output,
): Promise<Exit> {
  let channel: ClientChannel | undefined;
  const completion = new Completion(milliseconds, () => {
    forget();
    output.end();
    channel?.destroy();
  });
  const lost = (why: string) => completion.fail(new LinkLost(why));
  const forget = link.whenEnded(lost);
  const opened = (error: Error | undefined, confirmed: ClientChannel) => {
    if (error)
      return completion.fail(
        detailOf(error, "reason") === undefined ? new LinkLost(error.message) : new NoChannel(error.message),
      );
    channel = confirmed;
    confirmed.on("data", (chunk: Buffer) => output.addStdout(chunk));
    confirmed.stderr.on("data", (chunk: Buffer) => output.addStderr(chunk));
    confirmed.on("error", (failure: Error) => lost(failure.message));
    confirmed.on("exit", (status: number | null, signal?: string) =>
      completion.exited({ status: status ?? undefined, signal }),
    );
    confirmed.on("close", () =>
      completion.hasExited || link.alive ? completion.closed() : lost("the host closed it"),
    );
    if (!early) writeInput(confirmed, invocation, output);
  };
  let early = false;
  try {
    early = exec(link.client, invocation, opened, (open) => writeInput(open, invocation, output));
  } catch (error) {
    // ssh2 throws where the connection is gone already.
    lost(messageOf(error));
  }
  return completion.promise;
}

function exec(
  client: Client,
  { argv }: Invocation,
  opened: (error: Error | undefined, channel: ClientChannel) => void,
  onOpen: (channel: Writable) => void,
): boolean {
  const command = argv.map((word) => quote(word)).join(" ");
  return withEarlyInput(client, () => client.exec(command, opened), onOpen);
}
