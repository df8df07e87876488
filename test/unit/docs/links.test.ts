import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../support/root";
import { anchorsOf, linksOf, markdownFiles } from "./markdown";

/** Why a link is broken; `undefined` if it is not. */
function problemOf(path: string, link: string): string | undefined {
  if (/^https:\/\//.test(link)) return URL.canParse(link) ? undefined : "it is no URL";
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return "it is neither https nor a path";
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? path : join(dirname(path), decodeURIComponent(file));
  if (file.startsWith("/") || target.startsWith("..")) return "it leads out of the repository";
  if (!existsSync(join(root, target))) return `there is no ${target}`;
  if (anchor === undefined || anchorsOf(target).includes(anchor)) return undefined;
  return `${target} has no heading "${anchor}"`;
}

test.each(markdownFiles())("the links of %s lead to existing files and headings", (path) => {
  const broken = linksOf(path).flatMap((link) => {
    const problem = problemOf(path, link);
    return problem === undefined ? [] : [`${link}: ${problem}`];
  });
  expect(broken).toEqual([]);
});

test("a broken link is found, and a heading's anchor is as GitHub makes it", () => {
  expect(problemOf("docs/architecture.md", "../README.md#use-it")).toBeUndefined();
  expect(problemOf("README.md", "docs/architecture.md#one-operations-way")).toBeUndefined();
  expect(problemOf("README.md", "docs/architecture.md#nowhere")).toMatch(/has no heading "nowhere"/);
  expect(problemOf("README.md", "docs/nowhere.md")).toMatch(/there is no/);
  expect(problemOf("README.md", "../elsewhere.md")).toMatch(/out of the repository/);
  expect(problemOf("README.md", "http://example.com")).toMatch(/neither https/);
});
