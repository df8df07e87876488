import { quote } from "shlex";
import type { Client, ClientChannel } from "ssh2";
import { messageOf } from "../errors/unknown-error";
import type { Invocation } from "../execution/command";
import { Completion } from "../execution/completion";
import type { Exit, Patience } from "../execution/exit";
import { writeInput } from "../execution/input";
import type { Output } from "../script/output";

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
  patience: Patience,
  output: Output,
): Promise<Exit> {
  let channel: ClientChannel | undefined;
  const completion = new Completion(patience, () => {
    forget();
    output.end();
    channel?.destroy();
  });
  const forget = link.whenEnded((why) => completion.fail(new LinkLost(why)));
  const opened = (error: Error | undefined, confirmed: ClientChannel) => {
    if (error) return completion.fail(link.alive ? new NoChannel(error.message) : new LinkLost(error.message));
    if (completion.isSettled) return confirmed.destroy();
    channel = confirmed;
    listen(confirmed, link, completion, output);
    writeInput(confirmed, invocation, output);
  };
  try {
    link.client.exec(invocation.argv.map((word) => quote(word)).join(" "), opened);
  } catch (error) {
    // ssh2 throws where the connection is gone already.
    completion.fail(new LinkLost(messageOf(error)));
  }
  return completion.promise;
}

function listen(channel: ClientChannel, link: Connected, completion: Completion, output: Output): void {
  channel.on("data", (chunk: Buffer) => {
    completion.heard();
    output.addStdout(chunk);
  });
  channel.stderr.on("data", (chunk: Buffer) => output.addStderr(chunk));
  channel.on("error", (error: Error) => completion.fail(new LinkLost(error.message)));
  channel.on("exit", (status: number | null, signal?: string) =>
    completion.exited({ status: status ?? undefined, signal }),
  );
  channel.on("close", () => {
    if (completion.hasExited || link.alive) completion.closed();
    else completion.fail(new LinkLost("the host closed it"));
  });
}
