import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../support/root";
import { headingsOf } from "./markdown";

const PAGE = "docs/guides/troubleshooting.md";

/** The text of the code, with strings joined that are split over lines. */
function code(): string {
  const files = readdirSync(join(root, "provider"), { recursive: true, encoding: "utf8" });
  const sources = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "provider", file), "utf8"));
  return sources.join("\n").replace(/["`] \+\s+["`]/g, "");
}

test("every message that the troubleshooting guide quotes is in the code", () => {
  const messages = headingsOf(PAGE).flatMap(({ level, text }) => (level === 3 ? [text] : []));
  expect(messages.length).toBeGreaterThan(30);
  const all = code();
  const parts = messages.flatMap((message) => message.split("…").map((part) => part.trim()));
  expect(parts.filter((part) => !all.includes(part))).toEqual([]);
});
