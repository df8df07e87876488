import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { lockFile } from "../../../../provider/host/exclusion";
import { HEARTBEAT } from "../../../../provider/host/jobs/build-progress";
import { STATUS } from "../../../../provider/host/jobs/transient-unit-scripts";
import { MARKERS } from "../../../../provider/host/mounts/source-plan";
import { PENDING, ROLLBACK_UNIT_FILE } from "../../../../provider/host/networks/change/places";
import { DOCKER_SCRIPT } from "../../../../provider/host/networks/docker";
import { NETWORKS } from "../../../../provider/host/networks/leases";
import { STATE_DIRECTORY } from "../../../../provider/host/ownership";
import { WARNING } from "../../../../provider/host/provision/guest";
import { CACHE } from "../../../../provider/host/roots/cache";
import { IMAGES } from "../../../../provider/host/roots/images";
import { libraries, sh } from "../../../../provider/host/sh";
import { BASE_PATH, TABLE } from "../../../../provider/nftables/table";
import { prelude } from "../../../../provider/remote";
import { REFUSED } from "../../../../provider/remote/script/answers";
import { root } from "../../../support/root";

/** The functions at the beginning of a script's text, which are those of its libraries. */
function functionsIn(text: string): string[] {
  return [...text.matchAll(/^(\w+)\(\) /gm)].map(([, name = ""]) => name);
}

test("each function is in only one library", () => {
  const names = libraries().flatMap(({ text }) => functionsIn(text));
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});

test("a script is sent with the libraries that it calls and those that they call, each once", () => {
  const script = sh`systemd_reload; systemd_reload`;
  expect(script.libraries.map(({ name }) => name)).toEqual(["systemd"]);
  const functions = functionsIn(script.text);
  expect(functions.filter((name) => !/^(?:files?|directory|networks)_/.test(name))).toEqual([
    "lock_open",
    "coalesced",
    "coalesced_begun",
    "coalesced_done",
    "systemd_reload",
  ]);
  expect(functions.filter((name) => name === "file_present")).toHaveLength(1);
});

test("a script that uses a variable of a library is sent with that library", () => {
  expect(sh`ls "$images"; echo "\${roots}"`.libraries.map(({ name }) => name)).toEqual(["generations", "images"]);
  expect(sh`ls images roots`.libraries).toEqual([]);
});

test("text in a value calls nothing", () => {
  expect(sh`echo ${"file_present $images"}`.libraries).toEqual([]);
});

test.each([
  ["bind-sources", MARKERS],
  ["bind-sources", STATE_DIRECTORY],
  ["build-progress", HEARTBEAT],
  ["cache", CACHE],
  ["docker", DOCKER_SCRIPT],
  ["guest-repository", WARNING],
  ["guest-steps", WARNING],
  ["images", IMAGES],
  ["leases", NETWORKS],
  ["locks", lockFile("networks")],
  ["network-arm", PENDING],
  ["network-arm", dirname(ROLLBACK_UNIT_FILE)],
  ["nft", BASE_PATH],
  ["nft", TABLE],
  ["plain-answers", `exit ${REFUSED}\n`],
  ["work", HEARTBEAT],
  ["work", STATUS],
])("the library %s has the same text as TypeScript: %s", (name, text) => {
  expect(libraries().find((library) => library.name === name)?.text).toContain(text);
});

/** Every file below a folder with one of these endings. */
function filesIn(folder: string, ends: readonly string[]): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => ends.some((end) => name.endsWith(end)))
    .map((name) => join(root, folder, name));
}

/** The pieces of text in a file of TypeScript, of all its templates and strings or only of its scripts. */
function textsIn(path: string, scriptsOnly = false): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node, inScript = !scriptsOnly) => {
    const isText = ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node);
    if (isText && inScript) texts.push(node.getText());
    const isScript = ts.isTaggedTemplateExpression(node) && node.tag.getText() === "sh";
    const isPart = (ts.isTemplateExpression(node) || ts.isTemplateSpan(node)) && inScript;
    ts.forEachChild(node, (child) => visit(child, !scriptsOnly || isScript || isPart));
  };
  visit(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true));
  return texts;
}

test("no template has a function of its own, which no unit test could call, except that of the wrapper", () => {
  const functions = filesIn("provider", [".ts"]).flatMap((path) =>
    found(/(?:^|[\s;&|{(`])(\w+) ?\(\) *[{(\n]/gm, textsIn(path)).map((name) => `${relative(root, path)}: ${name}`),
  );
  expect(functions).toEqual(["provider/remote/script/wrapper.ts: main"]);
});

test("each shell function is called by a script of a unit test", () => {
  const scripts = filesIn("test/unit", [".ts"]).flatMap((path) => textsIn(path, true));
  const called = new Set(scripts.flatMap((text) => text.match(/\w+\b(?! ?\(\))/g) ?? []));
  const names = [...libraries().map(({ text }) => text), prelude.text].flatMap(functionsIn);
  expect(names).toContain("refuse");
  expect(names.filter((name) => !called.has(name))).toEqual([]);
});

/** Every match of a pattern's first group. */
function found(pattern: RegExp, texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, first = ""]) => first)))].sort();
}

test("each refusal of a script has a sentence for the user, and each sentence a refusal", () => {
  const code = filesIn("provider", [".ts"]).map((path) =>
    readFileSync(path, "utf8").replace(/^\s*(?:\/?\*|\/\/).*$/gm, ""),
  );
  const shell = [...libraries().map(({ text }) => text), ...code.filter((text) => text.includes("sh`"))];
  const refused = found(/\brefuse ([a-z]+(?:-[a-z]+)*)(?=[\s;"}`]|$)/gm, shell);
  const tables = found(/\bRefusals(?:<\w+>)? = \{\n([\s\S]*?)\n\};/g, code);
  const explained = [...found(/^ {2}"?([a-z-]+)"?: \(/gm, tables), ...found(/\bcode [=!]== "([a-z-]+)"/g, code)];
  expect(refused.length).toBeGreaterThan(50);
  expect(refused.filter((one) => !explained.includes(one))).toEqual([]);
  expect(explained.filter((one) => !refused.includes(one))).toEqual([]);
});

/** The text of each function of the libraries, without comments. */
function bodies(): Map<string, string> {
  const texts = libraries().map(({ text }) => text.replace(/^\s*#.*$/gm, ""));
  const parts = texts.flatMap((text) => text.split(/^(?=\w+\(\) )/m));
  return new Map(parts.flatMap((part) => functionsIn(part).map((name) => [name, part] as const)));
}

/** The functions that may refuse, by themselves or by one that they call. */
function refusing(): Set<string> {
  const found = new Set(["refuse"]);
  const all = bodies();
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [name, text] of all) if (text.match(/\w+/g)?.some((word) => found.has(word))) found.add(name);
  }
  return found;
}

test("no function that may refuse is in a command substitution, where its refusal would be a value", () => {
  const may = refusing();
  expect(may.size).toBeGreaterThan(50);
  const code = filesIn("provider", [".ts"]).flatMap((path) => textsIn(path));
  const captured = found(/\$\(\s*(\w+)/g, [...bodies().values(), ...code]);
  expect(captured.filter((name) => may.has(name))).toEqual([]);
});

test("no function prints an answer without the mark of the run", () => {
  const unmarked = [...libraries().map(({ text }) => text), prelude.text].flatMap(
    (text) => text.match(/printf '\[.*/g) ?? [],
  );
  expect(unmarked).toEqual([]);
});
