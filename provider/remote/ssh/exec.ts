import { quote } from "shlex";
import type { ClientChannel } from "ssh2";
import type { Invocation } from "../execution/command";
import { Completion } from "../execution/completion";
import type { Deadlines, Exit } from "../execution/exit";
import { writeInput } from "../execution/input";
import { LinkLost } from "../execution/link";
import type { OutputParser } from "../script/output-parser";
import type { Sessions } from "./sessions";

/** What running a command needs from a connection. */
interface Connected {
  readonly sessions: Sessions;
  readonly alive: boolean;
  /** Calls back with the reason when the connection ends; returns a function that cancels this. */
  whenEnded(listener: (why: string) => void): () => void;
}

/** Runs a command on a connection. Whatever happens to the connection, the promise is settled. */
export function execOverSsh(
  link: Connected,
  invocation: Invocation,
  deadlines: Deadlines,
  output: OutputParser,
): Promise<Exit> {
  const command = commandLine(invocation);
  let channel: ClientChannel | undefined;
  const completion = new Completion(deadlines, () => {
    forget();
    output.end();
    channel?.destroy();
    link.sessions.release();
  });
  const forget = link.whenEnded((why) => completion.fail(new LinkLost(why)));
  const opened = (session: ClientChannel) => {
    if (completion.isSettled) return session.destroy();
    channel = session;
    listen(session, link, completion, output);
    // A login shell that exits immediately may have ended by now; its output is still to come.
    if (!session.writable) return;
    session.write(command);
    writeInput(session, invocation, output);
  };
  const refused = (error: Error) => completion.fail(link.alive ? error : new LinkLost(error.message));
  link.sessions.take().then(opened, refused);
  return completion.promise;
}

/** The command line that a waiting session reads. */
function commandLine({ argv }: Invocation): string {
  const line = argv.map((word) => quote(word)).join(" ");
  if (line.includes("\n")) throw new TypeError("a command is one line; a script goes to its input");
  return `${line}\n`;
}

function listen(channel: ClientChannel, link: Connected, completion: Completion, output: OutputParser): void {
  // Only this channel is closed: the connection is also that of others.
  output.whenExceeded(() => completion.abandon("flooded"));
  channel.on("data", (chunk: Buffer) => {
    completion.heard();
    output.addStdout(chunk);
  });
  channel.stderr.on("data", (chunk: Buffer) => output.addStderr(chunk));
  channel.on("error", (error: Error) => completion.fail(new LinkLost(error.message)));
  const exited = (status: number | null, signal?: string) => completion.exited({ status: status ?? undefined, signal });
  channel.on("exit", exited);
  channel.on("close", (status?: number | null, signal?: string) => {
    // ssh2 reports the status once more here; the first time may have been before anybody listened.
    if (status !== undefined) exited(status, signal);
    if (completion.hasExited || link.alive) completion.closed();
    else completion.fail(new LinkLost("the host closed it"));
  });
}
