import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { command, tryCommand } from "../../scripts/tools/command";
import { root } from "../support/root";
import { type Block, blocksOf } from "../unit/docs/markdown";

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "walks-"));
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root });
  execFileSync("tar", ["-C", root, "--null", "-T", "-", "-cf", join(copy, "all.tar")], { input: files });
  execFileSync("tar", ["-C", copy, "-xf", join(copy, "all.tar")]);
  rmSync(join(copy, "all.tar"));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true }));

/** The file that the sentence before a block names. */
function fileOf({ path, line }: Block): string {
  const before = readFileSync(join(root, path), "utf8")
    .split("\n")
    .slice(0, line - 2)
    .join("\n");
  return [...before.matchAll(/`([\w./-]+\.ts)`:\n*$/g)].at(-1)?.[1] ?? "";
}

/** Does what a block of a page says: a new file, or changes of one. */
function follow(block: Block): void {
  const file = join(copy, fileOf(block));
  if (block.language === "diff") {
    const changed = block.text.split("...\n").reduce(applied, readFileSync(file, "utf8"));
    writeFileSync(file, changed);
    return;
  }
  expect(existsSync(file)).toBe(false);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, block.text);
}

/** A text with a piece of a patch: its lines that stay or go are there once, in a row. */
function applied(text: string, patch: string): string {
  const side = (without: string) =>
    patch
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith(without))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  const pieces = text.split(side("+"));
  expect(pieces).toHaveLength(2);
  return pieces.join(side("-"));
}

/** What the compiler says of these files. */
function complaints(...paths: string[]): string[] {
  const { config } = ts.readConfigFile(join(copy, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, copy);
  const files = paths.map((path) => join(copy, path));
  const program = ts.createProgram(files, { ...options, typeRoots: [join(copy, "node_modules/@types")] });
  return files
    .flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

async function jest(path: string): Promise<void> {
  const bin = join(root, "node_modules/jest/bin/jest.js");
  await command(process.execPath, [bin, "--selectProjects=unit", "--rootDir", copy, "--runTestsByPath", path], {
    cwd: copy,
  });
}

const walk = (page: string, ...sections: string[]) =>
  blocksOf(page).filter(({ section, language }) => sections.includes(section) && /^(ts|diff)$/.test(language));

const MACHINE = "provider/resources/nspawn-machine";

test("an input is one file and a name in the list, and the compiler refuses one that renders nothing", async () => {
  const blocks = walk("CONTRIBUTING.md", "Add an input");
  expect(blocks.map(fileOf)).toEqual([
    `${MACHINE}/inputs/description.ts`,
    `${MACHINE}/machine-inputs.ts`,
    "test/unit/resources/machine-description.test.ts",
  ]);
  blocks.forEach(follow);
  const input = join(copy, MACHINE, "inputs/description.ts");
  const whole = readFileSync(input, "utf8");
  writeFileSync(input, whole.replace(/export function render[\s\S]*/, ""));
  expect(complaints(`${MACHINE}/machine-inputs.ts`)).toEqual([expect.stringContaining("'render' is missing")]);
  writeFileSync(input, whole);
  expect(complaints(`${MACHINE}/machine-inputs.ts`, `${MACHINE}/inputs/description.ts`)).toEqual([]);
  await jest("test/unit/resources/machine-description.test.ts");
});

test("a resource is a folder and a line in the list, and a refusal without a sentence is found", async () => {
  const page = "docs/adding-a-resource.md";
  walk(page, "Its inputs and outputs", "Its handler", "Its class", "The list").forEach(follow);
  const [refusal, sentence, ...more] = walk(page, "A refusal");
  if (refusal === undefined || sentence === undefined) throw new Error("the page has no refusal");
  expect(more).toEqual([]);
  follow(refusal);
  await expect(jest("test/unit/host/sh/libraries.test.ts")).rejects.toThrow(/no-sysctl/);
  follow(sentence);
  await jest("test/unit/host/sh/libraries.test.ts");
  const files = ["sysctl-inputs.ts", "sysctl-handler.ts", "index.ts"].map(
    (file) => `provider/resources/sysctl/${file}`,
  );
  expect(complaints("index.ts", "provider/index.ts", ...files)).toEqual([]);
});

test("the reference has both, and they are in the style of the code", async () => {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  await command(process.execPath, [tsx, "scripts/docs/index.ts"], { cwd: copy });
  expect(readFileSync(join(copy, "docs/reference/NspawnMachine.md"), "utf8")).toMatch(
    /^\| `description` \| `string` \| the unit's own \| restart \|/m,
  );
  expect(readFileSync(join(copy, "docs/reference/Sysctl.md"), "utf8")).toMatch(
    /^\| `value` \| `string` \| required \| live \| Its value\. \|$/m,
  );
  const provider = `console.log(require("./provider/index.ts").get("Sysctl") !== undefined)`;
  expect(await command(process.execPath, [tsx, "-e", provider], { cwd: copy })).toBe("true\n");
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const { stdout, stderr } = await tryCommand(process.execPath, [biome, "check", "provider", "index.ts"], {
    cwd: copy,
  });
  expect(stdout + stderr).toContain("No fixes applied");
});
