import { readFileSync } from "node:fs";
import { join } from "node:path";
import { complaintsAbout } from "../../../scripts/prose/words";
import { root } from "../../support/root";
import { markdownFiles } from "../docs/markdown";

/** Written for users and contributors; decisions and the changelog are records. */
const PAGES = markdownFiles().filter((path) => !/^(CHANGELOG\.md|docs\/decisions\/)/.test(path));

test.each(PAGES)("%s is written in plain words", (path) => {
  expect(complaintsAbout(path, readFileSync(join(root, path), "utf8"))).toEqual([]);
});

test.each([
  ["Markdown", "page.md", "# Title\n\nIt is built\nanew.\n", 4],
  ["a comment of shell", "library.sh", "f() { :; }\n# It is done anew.\n", 2],
  ["a docstring", "code.ts", "const one = 1;\n/** It goes\n * on. */\nconst two = 2;\n", 2],
  ["a comment after a line", "code.ts", "const one = 1; // built anew\n", 1],
  ["a sentence in code", "code.ts", 'const text =\n  "it is built anew each time";\n', 2],
  ["a part of a template", "code.ts", `const text = \`the root is \${name}, built anew each time\`;\n`, 1],
])("a word is found in %s", (_, path, text, line) => {
  expect(complaintsAbout(path, text)).toEqual([{ line, message: expect.stringMatching(/^"(anew|goes on)": write /) }]);
});

test.each([
  ["a block of code in Markdown", "page.md", "```sh\necho anew\n```\n"],
  ["a line of shell", "library.sh", "echo anew\n"],
  ["a name in code", "code.ts", 'const anew = "anew";\n'],
])("%s may have any word", (_, path, text) => {
  expect(complaintsAbout(path, text)).toEqual([]);
});
