import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { generated } from "../../../scripts/docs/generated";
import { programOf } from "../../../scripts/docs/program";
import { root } from "../../support/root";
import { ended } from "../support/processes";
import { type Block, blocksOf, markdownFiles } from "./markdown";

/** What a block may use without declaring it; CONTRIBUTING.md has the rule. */
const NAMES: Readonly<Record<string, string>> = {
  pulumi: 'import * as pulumi from "@pulumi/pulumi";',
  nspawn: 'import * as nspawn from "pulumi-nspawn";',
  host: "declare const host: nspawn.Host;",
  rootfs: "declare const rootfs: nspawn.DebianRootfs;",
  web: "declare const web: nspawn.DebianRootfs;",
  db: "declare const db: nspawn.DebianRootfs;",
  net: "declare const net: nspawn.VethNetwork;",
  lan: "declare const lan: nspawn.BridgeAttachment;",
  machine: "declare const machine: nspawn.NspawnMachine;",
  config: "declare const config: pulumi.Config;",
};

/** Its blocks are files of the repository, which `test/everything/walks.test.ts` adds to a copy. */
const WALK = "docs/adding-a-resource.md";
const pages = markdownFiles().filter((path) => path === "README.md" || (path.startsWith("docs/") && path !== WALK));
const blocks = pages.flatMap((path) => blocksOf(path));

/** A block as a module; the declarations before it are on its first line, so that lines keep their numbers. */
function moduleOf(text: string): string {
  const declares = (name: string) => new RegExp(`(?:\\b(?:const|let)|\\* as) ${name}\\b`).test(text);
  const before = Object.entries(NAMES).flatMap(([name, line]) => (declares(name) ? [] : [line]));
  return `${before.join(" ")} ${text}\nexport {};\n`;
}

/** What the compiler reports for blocks of TypeScript, with their lines in the pages. */
function complaints(all: readonly Block[]): string[] {
  const files = new Map(all.map((block, index) => [join(root, "test/unit/docs", `block-${index}.ts`), block]));
  const texts = new Map([...files].map(([name, { text }]) => [name, moduleOf(text)]));
  const paths = { "pulumi-nspawn": [join(root, "index.ts")] };
  const program = programOf([...files.keys()], { noUnusedLocals: false, paths }, texts);
  // Only the blocks: another check compiles the package, which takes most of the time.
  const diagnostics = [...files.keys()].flatMap((name) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)),
  );
  return diagnostics.map(({ file, start = 0, messageText }) => {
    const block = files.get(file?.fileName ?? "");
    const line = (block?.line ?? 1) + (file?.getLineAndCharacterOfPosition(start).line ?? 0);
    return `${block?.path ?? file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

test("the generated pages match the code; `npm run docs` updates them", async () => {
  for (const [path, text] of await generated()) expect(await readFile(join(root, path), "utf8")).toBe(text);
});

test("every block of TypeScript in README and docs compiles against the package", () => {
  const programs = blocks.filter(({ language }) => language === "ts");
  // One of them does not compile, which shows that the compiler checks them.
  const wrong = {
    path: "page.md",
    line: 10,
    section: "",
    language: "ts",
    text: "const one = 1;\nnew nspawn.Host();\n",
  };
  expect(complaints([...programs, wrong])).toEqual([expect.stringMatching(/^page\.md:11: Expected 2-3 arguments/)]);
});

test("every block of shell parses, and every block names its language", () => {
  for (const { path, line, language, text } of blocks) {
    expect([`${path}:${line}`, language]).toEqual([
      `${path}:${line}`,
      expect.stringMatching(/^(?:ts|sh|console|text|ini|yaml)$/),
    ]);
    if (language !== "sh") continue;
    const { status, stderr } = ended(["sh", "-n"], text);
    expect({ at: `${path}:${line}`, status, stderr }).toEqual({ at: `${path}:${line}`, status: 0, stderr: "" });
  }
});
