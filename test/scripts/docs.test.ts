import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { generated } from "../../scripts/docs/generated";
import { root } from "../root";

test("what is written from the code is as the code says; `npm run docs` writes it anew", async () => {
  for (const [path, text] of await generated()) expect(await readFile(join(root, path), "utf8")).toBe(text);
});
