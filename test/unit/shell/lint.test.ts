import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { withoutComments } from "../../../provider/remote";
import {
  ensureTools,
  lintLibraries,
  lintScript,
  minified,
  misformatted,
  readLibraries,
  type Source,
} from "../../../scripts/shell/lint";
import { rendered } from "../../../scripts/shell/operations";
import { root } from "../../support/root";

let libraries: readonly Source[];

beforeAll(async () => {
  await ensureTools();
  libraries = await readLibraries();
});

test("shellcheck finds nothing in the libraries", async () => {
  expect(await lintLibraries(libraries)).toEqual([]);
});

test("the libraries are formatted as shfmt formats them", async () => {
  expect(await misformatted(libraries)).toBe("");
});

test("libraries mean the same without their comments", async () => {
  const texts = libraries.map(({ text }) => text);
  expect(await minified(texts.map(withoutComments).join("\n"))).toBe(await minified(texts.join("\n")));
});

const scripts = rendered().map(({ path, text }) => [path, text] as const);

test.each(scripts)("shellcheck finds nothing in the script to %s", async (path, text) => {
  expect(await lintScript({ path, text }, libraries)).toEqual([]);
});

/** The longest line of a template that is the same whatever its values are. */
function fixedLine(template: ts.TaggedTemplateExpression): string {
  const { template: text } = template;
  const pieces = ts.isNoSubstitutionTemplateLiteral(text)
    ? [text.rawText ?? ""]
    : [text.head.rawText ?? "", ...text.templateSpans.map(({ literal }) => literal.rawText ?? "")];
  const lines = pieces.flatMap((piece) => piece.replace(/\\(`|\$\{)/g, "$1").split(/[\n']/));
  return lines
    .map((line) => line.trim())
    .reduce((longest, line) => (line.length > longest.length ? line : longest), "");
}

function templatesIn(path: string): ts.TaggedTemplateExpression[] {
  const found: ts.TaggedTemplateExpression[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === "sh") found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true));
  return found;
}

test("each template of a script is in one that is checked", () => {
  const checked = rendered()
    .map(({ text }) => text)
    .join("\n");
  const folders = ["provider/host", "provider/resources", "provider/remote/script"];
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(root, folder, name)),
  );
  const missing = paths.flatMap((path) =>
    templatesIn(path)
      .map(fixedLine)
      .filter((line) => line.length > 2 && !checked.includes(line))
      .map((line) => `${relative(root, path)}: ${line}`),
  );
  expect(missing).toEqual([]);
});

describe("a fault in shell is found:", () => {
  const broken: Readonly<Record<string, readonly [string, number]>> = {
    "a value that is not quoted": ["f() { rm -f -- $1; }\n", 2086],
    "a function that changes files, in a condition": [
      "f() {\n  cp a b\n  rm c\n}\ng() { if f; then echo yes; fi; }\n",
      2310,
    ],
    "a function that changes files, with an alternative": ["f() {\n  cp a b\n  rm c\n}\ng() { f || :; }\n", 2310],
    "a feature of bash alone": ['f() { [[ -n "$1" ]]; }\n', 3010],
  };

  test.each(Object.entries(broken))("%s", async (_, [text, code]) => {
    const codes = (await lintLibraries([{ path: "broken", text }])).map((finding) => finding.code);
    expect(codes).toContain(code);
  });

  test("a function of a library in a condition of a script", async () => {
    const library = { path: "library", text: "f() {\n  cp a b\n  rm c\n}\n" };
    const script = { path: "script", text: "if f; then echo yes; fi\n" };
    expect(await lintScript(script, [library])).toMatchObject([{ path: "script", line: 1, code: 2310 }]);
    const declared = { ...library, text: `# In conditions: it only looks.\n${library.text}` };
    expect(await lintScript(script, [declared])).toEqual([]);
  });
});
