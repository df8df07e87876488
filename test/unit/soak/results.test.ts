import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Results } from "../../soak/results";
import type { Ran } from "../../soak/run-sequence";
import { sequenceSchema } from "../../soak/step";
import { full } from "./support";

const ran: Ran = {
  summary: "h1: +machine box1",
  seconds: 3,
  tooLate: false,
  problems: [],
  commands: [{ name: "up", ok: true, seconds: 2, text: "what it printed" }],
};
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-soak-results-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

test("what commands printed is kept only if something is wrong", async () => {
  const results = await Results.in(join(directory, "one"), "seed-1", 1);
  await results.add({ model: [full] }, ran);
  expect(await readFile(results.file, "utf8")).not.toContain("what it printed");
  await results.add({ model: [full] }, { ...ran, problems: ["h1 lost: /x"] });
  const text = await readFile(results.file, "utf8");
  expect(text).toContain("what it printed");
  expect(text.match(/"summary"/g)).toHaveLength(2);
});

test("a sequence that is kept can be replayed", async () => {
  const results = await Results.in(join(directory, "two"), "seed-1", 1);
  const sequence = { hosts: 1, steps: [{ model: [full], reboot: 0 }, {}] };
  const file = await results.keep(sequence, "failure-1");
  expect(file).toMatch(/seed-1-failure-1\.json$/);
  expect(sequenceSchema.parse(JSON.parse(await readFile(file, "utf8")))).toEqual(sequence);
});
