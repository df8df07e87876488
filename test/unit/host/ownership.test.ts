import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markerFunctions } from "../../../provider/host/ownership";
import { lines, prelude, sh } from "../../../provider/remote";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ownership-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function fieldOf(marker: string, key: string): string {
  const text = lines([
    prelude,
    markerFunctions,
    sh`set -eu; field=$(marker_field ${marker} ${key}); echo "it is: $field"`,
  ]);
  return execFileSync("sh", ["-c", text.text], { encoding: "utf8" }).trim();
}

test("a marker's fields are read, and one that is removed meanwhile has none and ends no script", () => {
  const marker = join(directory, "web.json");
  writeFileSync(marker, JSON.stringify({ owner: "abc", urn: "urn:x" }));
  expect([fieldOf(marker, "owner"), fieldOf(marker, "urn")]).toEqual(["it is: abc", "it is: urn:x"]);
  expect(fieldOf(join(directory, "gone.json"), "owner")).toBe("it is:");
});
