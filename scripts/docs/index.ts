import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generated } from "./generated";

const root = join(__dirname, "../..");

async function main(): Promise<void> {
  for (const [path, text] of await generated()) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    console.log(path);
  }
}

void main();
