import { quote } from "shlex";
import type { Client, ClientChannel } from "ssh2";
import type { Invocation } from "./command";
import type { Exit } from "./exit";
import { LINGER_MILLISECONDS } from "./local";
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
  /** Settled when the connection has ended, with the reason. */
  readonly ended: Promise<string>;
}

/** Runs a command on a connection. Whatever happens to the connection, the promise is settled. */
export function execOverSsh(
  link: Connected,
  invocation: Invocation,
  milliseconds: number,
  output: Output,
): Promise<Exit> {
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let exit: Exit | undefined;
    let lingering: NodeJS.Timeout | undefined;
    const settle = (end: () => void) => {
      clearTimeout(timer);
      clearTimeout(lingering);
      output.end();
      channel?.destroy();
      end();
    };
    const timer = setTimeout(() => settle(() => resolve({ abandoned: true })), milliseconds);
    const lost = (why: string) => settle(() => reject(new LinkLost(why)));
    link.ended.then(lost);
    const ended = (status: number | null, signal?: string): Exit => ({ status: status ?? undefined, signal });
    open(link, invocation, (error, opened) => {
      if (error && detailOf(error, "reason") !== undefined) return settle(() => reject(new NoChannel(error.message)));
      if (error || !opened) return lost(error?.message ?? "no channel");
      channel = opened;
      opened.on("data", (chunk: Buffer) => output.addStdout(chunk));
      opened.stderr.on("data", (chunk: Buffer) => output.addStderr(chunk));
      opened.on("error", (failure: Error) => lost(failure.message));
      opened.on("exit", (status: number | null, signal?: string) => {
        exit = ended(status, signal);
        // A process that the script left behind may hold stdout open for ever.
        lingering = setTimeout(() => settle(() => resolve(exit ?? {})), LINGER_MILLISECONDS);
      });
      opened.on("close", () => {
        if (exit) settle(() => resolve(exit ?? {}));
        else if (!link.alive) lost("the host closed it");
        else settle(() => resolve({}));
      });
      opened.end(invocation.stdin);
    });
  });
}

function open(link: Connected, invocation: Invocation, opened: (error?: Error, channel?: ClientChannel) => void): void {
  try {
    link.client.exec(invocation.argv.map((word) => quote(word)).join(" "), opened);
  } catch (error) {
    // ssh2 throws where the connection is gone already.
    opened(new LinkLost(messageOf(error)));
  }
}
