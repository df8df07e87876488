import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acknowledge, acknowledgementsSettled } from "../../provider/host/acknowledgements";
import { connectionSchema } from "../../provider/remote";

const target = { connection: connectionSchema.parse({ host: "local" }) };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "acknowledgements-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function marker(name: string) {
  const path = join(directory, name);
  writeFileSync(
    path,
    JSON.stringify({ owner: name, claimant: "c", stack: "", urn: `urn:${name}`, acknowledged: "no" }),
  );
  return { path, owner: name };
}
const noted = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), "utf8")).acknowledged;

/** An engine that is there for so many questions. */
function engineFor(questions: number) {
  let asked = 0;
  return { attempt: "record", isThere: async () => asked++ < questions };
}

test("what arrives while a note is under way is noted together, while the engine is there", async () => {
  const all = ["a", "b", "c"].map((name) => acknowledge(target, marker(name), engineFor(9)));
  await acknowledgementsSettled();
  await Promise.all(all);
  expect(["a", "b", "c"].map(noted)).toEqual(["yes", "yes", "yes"]);
});

test("nothing is noted for an engine that is gone", async () => {
  await expect(acknowledge(target, marker("a"), engineFor(0))).rejects.toThrow("the engine has ended");
  expect(noted("a")).toBe("no");
});

test("a note is taken back if the engine ended while it was made, before the process may leave", async () => {
  const note = acknowledge(target, marker("a"), engineFor(1));
  note.catch(() => undefined);
  await acknowledgementsSettled();
  expect(noted("a")).toBe("no");
  await expect(note).rejects.toThrow("nothing records what was created");
});
