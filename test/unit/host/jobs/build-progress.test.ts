import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeProgress, HEARTBEAT } from "../../../../provider/host/jobs/build-progress";
import { sh } from "../../../../provider/host/sh";
import { type Answer, lines, parseAnswer, prelude } from "../../../../provider/remote";
import { output } from "../../support/processes";

function answersTo(printed: string): Answer[] {
  const script = lines([prelude, sh`build_progress`]).text;
  const answers = output(["sh", "-c", script], printed);
  return answers.split("\n").flatMap((line) => parseAnswer(line) ?? []);
}

/** What a resource's row shows for a builder's output: the host's shell counts, the provider writes the text. */
function shown(printed: string): string[] {
  return answersTo(printed).flatMap((answer) => describeProgress(answer) ?? []);
}

function captured(name: string): string {
  return readFileSync(join(__dirname, "captured", name), "utf8");
}

function phases(rows: readonly string[]): string[] {
  const names = rows.map((row) => row.replace(/ (?:package )?\d.*/, ""));
  return names.filter((name, index) => name !== names[index - 1]);
}

test("mmdebstrap's output becomes packages done out of a total", () => {
  const rows = shown(captured("mmdebstrap.log"));
  expect(phases(rows).slice(0, 3)).toEqual(["reading package lists", "downloading", "unpacking"]);
  expect(rows).toContain("downloading 1 of 69 packages");
  expect(rows.filter((row) => row.startsWith("configuring")).at(-1)).toMatch(/^configuring 13\d of 134 packages$/);
  expect(rows.length).toBeLessThan(200);
});

test("debootstrap's output becomes packages done out of those that it retrieved", () => {
  const rows = shown(captured("debootstrap.log"));
  expect(phases(rows).slice(0, 3)).toEqual(["reading package lists", "downloading", "unpacking"]);
  expect(rows).toContain("downloading package 1");
  expect(rows.filter((row) => row.startsWith("configuring")).at(-1)).toMatch(/^configuring \d+ of 12\d packages$/);
});

test("a build's own phases are shown as they are, and other lines are not shown", () => {
  expect(shown("pulumi-nspawn: storing the base\nW: whatever\n\\n $(id) `id`\n")).toEqual(["storing the base"]);
});

test("a heartbeat comes through between a builder's lines, and is no progress", () => {
  const printed = `I: Retrieving InRelease\n${HEARTBEAT}\nI: Retrieving a 1\n`;
  expect(answersTo(printed).map(({ key }) => key)).toEqual(["progress", "heartbeat", "progress"]);
  expect(describeProgress({ key: "heartbeat", values: [] })).toBeUndefined();
});

test("an answer about something else is no progress", () => {
  expect(describeProgress({ key: "following", values: ["x"] })).toBeUndefined();
});
