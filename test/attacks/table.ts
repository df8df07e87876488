/** What came of one attack on one generation of hosts. */
export interface Outcome {
  readonly generation: string;
  readonly attack: string;
  readonly tried: string;
  readonly held: boolean;
  /** What came of it, or how it got through. */
  readonly what: string;
}

const HEADINGS = ["generation", "attack", "what the guest tried", "what came of it"];
const ESCAPED = /[|\\]/g;

/** A table in Markdown, whose columns are aligned. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ generation, attack, tried, held, what }) =>
    [generation, attack, tried, `${held ? "held" : "BROKEN"}: ${what}`].map(cell),
  );
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(HEADINGS), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(ESCAPED, "\\$&");
}
