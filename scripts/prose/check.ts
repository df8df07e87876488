import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../tools/command";
import { complaintsAbout } from "./words";

const root = join(__dirname, "../..");

/** Records of their day, the list of words itself, and its test. */
const LEFT_OUT =
  /^(?:CHANGELOG\.md|docs\/decisions\/|scripts\/prose\/words\.ts|test\/unit\/scripts\/prose\.test\.ts|test\/.*\/captured\/)/;

async function main(): Promise<number> {
  const listed = await command("git", ["ls-files", "-z", "--", "*.md", "*.sh", "*.ts"], { cwd: root });
  const paths = listed.split("\0").filter((path) => path !== "" && !LEFT_OUT.test(path));
  let complaints = 0;
  for (const path of paths) {
    for (const { line, message } of complaintsAbout(path, await readFile(join(root, path), "utf8"))) {
      console.error(`${path}:${line}: ${message}`);
      complaints++;
    }
  }
  return complaints === 0 ? 0 : 1;
}

main().then((status) => {
  process.exitCode = status;
});
