import { StringDecoder } from "node:string_decoder";
import { type Answer, parseAnswer } from "./answers";
import { parseFrameMarker } from "./wrapper";

const KEPT = 8192;
const MEBIBYTE = 1024 * 1024;
/** As much of an operation's output as is read, of its stdout and its stderr each. An inventory of hundreds of machines is less. */
const MOST_MEBIBYTES = 64;
/** The longest line. */
const LINE_MEBIBYTES = 16;

/** The end of a text that may be long, in whole lines: the rest of a truncated secret could not be recognised. */
export class Tail {
  private text = "";
  private cut = false;

  add(piece: string): void {
    this.text += piece;
    // Not each time: copying 8 KiB for each of millions of short lines would take minutes.
    if (this.text.length > 16 * KEPT) this.text = this.end();
  }

  toString(): string {
    const end = this.end();
    if (!this.cut) return end;
    const line = end.indexOf("\n");
    return line < 0 ? "" : end.slice(line + 1);
  }

  private end(): string {
    this.cut ||= this.text.length > KEPT;
    return this.text.slice(-KEPT);
  }
}

/** What an operation has printed so far, parsed line by line as it arrives. */
export class OutputParser {
  readonly answers: Answer[] = [];
  /** The end of the output that is not an answer: a login shell's or a command's chatter. */
  readonly chatter = new Tail();
  readonly stderr = new Tail();
  /** The user ID that the script began as; `undefined` if it never began. */
  uid: number | undefined;
  /** The script's own exit status; `undefined` if it did not finish. */
  status: number | undefined;
  /** What was too much, once there is more output than is read: `more than 64 MiB`. */
  excess: string | undefined;
  private onReady: () => void = () => {};
  private onExcess: () => void = () => {};
  /** What `onAnswer` threw, if it did. */
  listenerFailure: { readonly error: unknown } | undefined;
  private pending = "";
  private readonly bytes = { stdout: 0, stderr: 0 };
  private readonly decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };

  /** `mark` is what an answer of this run begins with. */
  constructor(
    private readonly mark = "",
    private readonly onAnswer: (answer: Answer) => void = () => {},
  ) {}

  addStdout(chunk: Buffer): void {
    if (!this.takes("stdout", chunk)) return;
    const pieces = this.decoders.stdout.write(chunk).split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      this.line(this.pending + piece);
      this.pending = "";
    }
    this.pending += rest;
    if (this.pending.length > LINE_MEBIBYTES * MEBIBYTE) this.exceed(`a line of more than ${LINE_MEBIBYTES} MiB`);
  }

  /** Calls back when the command reports that it is ready for its input. */
  whenReady(listener: () => void): void {
    this.onReady = listener;
  }

  /** Calls back once there is more output than is read: its memory has a limit, whatever a host sends. */
  whenExceeded(listener: () => void): void {
    this.onExcess = listener;
  }

  addStderr(chunk: Buffer): void {
    if (this.takes("stderr", chunk)) this.stderr.add(this.decoders.stderr.write(chunk));
  }

  end(): void {
    if (this.pending) this.line(this.pending);
    this.pending = "";
  }

  private takes(stream: "stdout" | "stderr", chunk: Buffer): boolean {
    if (this.excess !== undefined) return false;
    this.bytes[stream] += chunk.length;
    if (this.bytes[stream] > MOST_MEBIBYTES * MEBIBYTE) this.exceed(`more than ${MOST_MEBIBYTES} MiB`);
    return this.excess === undefined;
  }

  private exceed(excess: string): void {
    this.excess = excess;
    this.pending = "";
    this.onExcess();
  }

  private line(line: string): void {
    const marker = parseFrameMarker(line, this.mark);
    if (marker?.at === "begin") this.uid = marker.value;
    else if (marker?.at === "end") this.status = marker.value;
    else if (marker?.at === "ready") this.onReady();
    else this.answer(line);
  }

  private answer(line: string): void {
    const answer = parseAnswer(line, this.mark);
    if (!answer) {
      if (line) this.chatter.add(`${line}\n`);
      return;
    }
    this.answers.push(answer);
    try {
      this.onAnswer(answer);
    } catch (error) {
      // If thrown here, it would reach the socket's event loop, not the caller of `run`.
      this.listenerFailure ??= { error };
    }
  }
}
