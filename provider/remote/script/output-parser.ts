import { StringDecoder } from "node:string_decoder";
import { type Answer, parseAnswer } from "./answers";
import { parseFrameMarker } from "./wrapper";

const KEPT = 8192;

/** The end of a text that may be long, in whole lines: the rest of a truncated secret could not be recognised. */
export class Tail {
  private text = "";
  private cut = false;

  add(piece: string): void {
    const whole = this.text + piece;
    this.cut ||= whole.length > KEPT;
    this.text = whole.slice(-KEPT);
  }

  toString(): string {
    return this.cut ? this.text.slice(this.text.indexOf("\n") + 1) : this.text;
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
  private onReady: () => void = () => {};
  /** What `onAnswer` threw, if it did. */
  listenerFailure: { readonly error: unknown } | undefined;
  private pending = "";
  private readonly decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };

  constructor(private readonly onAnswer: (answer: Answer) => void = () => {}) {}

  addStdout(chunk: Buffer): void {
    const pieces = this.decoders.stdout.write(chunk).split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      this.line(this.pending + piece);
      this.pending = "";
    }
    this.pending += rest;
  }

  /** Calls back when the command reports that it is ready for its input. */
  whenReady(listener: () => void): void {
    this.onReady = listener;
  }

  addStderr(chunk: Buffer): void {
    this.stderr.add(this.decoders.stderr.write(chunk));
  }

  end(): void {
    if (this.pending) this.line(this.pending);
    this.pending = "";
  }

  private line(line: string): void {
    const marker = parseFrameMarker(line);
    if (marker?.at === "begin") this.uid = marker.value;
    else if (marker?.at === "end") this.status = marker.value;
    else if (marker?.at === "ready") this.onReady();
    else this.answer(line);
  }

  private answer(line: string): void {
    const answer = parseAnswer(line);
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
