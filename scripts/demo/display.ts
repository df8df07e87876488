/** How often to show a row that only counts up. */
const COUNTING_MS = 5000;

/** Makes the CLI's output readable from top to bottom: without its dots, and without most rows that only count up. */
export class Display {
  private pending = "";
  private last = { text: "", at: 0 };

  constructor(
    private readonly show: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  add(text: string): void {
    const lines = (this.pending + text).split("\n");
    this.pending = lines.pop() ?? "";
    for (const line of lines) this.line(line);
  }

  end(): void {
    this.line(this.pending);
    this.pending = "";
  }

  private line(line: string): void {
    if (line.trim() === "" || /^\s*@ \w[\w ]*\.+$/.test(line)) return;
    const text = line.replace(/\d+/g, "");
    if (text === this.last.text && this.now() - this.last.at < COUNTING_MS) return;
    this.last = { text, at: this.now() };
    this.show(line);
  }
}
