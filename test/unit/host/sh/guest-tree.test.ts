import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { pipes, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const tree = "/srv/my 'new' tree";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
  mkdirSync(host.at(tree), { recursive: true });
});
afterEach(() => host.remove());

const link = (target: string, path: string) => symlinkSync(target, host.at(`${tree}/${path}`));

describe("tree_read", () => {
  const read = (...wanted: readonly (string | number)[]) => printed(host, sh`tree_read ${host.at(tree)} ${wanted}`);

  test("prints several files, each with what became of it", () => {
    host.write(`${tree}/a b/it's`, "one\ntwo\n");
    host.write(`${tree}/c`, "$HOME");
    expect(read("a b/it's", 100, "/c", 5, "gone", 9, "c/gone", 9)).toBe(
      "one\ntwo\n\fread\n$HOME\n\fread\n\fmissing\n\fmissing\n",
    );
  });

  test("a file cannot print what comes after a file", () => {
    host.write(`${tree}/a`, "x\n\fread\n\0\fmissing");
    expect(read("a", 100)).toBe("x\nread\nmissing\n\fread\n");
  });

  test("reads a file of exactly the size, and nothing of a larger one", () => {
    writeFileSync(host.at(`${tree}/a`), "x".repeat(100_000));
    expect(read("a", 100_000)).toBe(`${"x".repeat(100_000)}\n\fread\n`);
    expect(read("a", 99_999)).toBe("\flarge\n");
    truncateSync(host.at(`${tree}/a`), 12 * 1024 ** 4);
    expect(read("a", 99_999)).toBe("\flarge\n");
  });

  test("follows no link, neither as the file nor above it, out of the tree or inside it", () => {
    host.write("/srv/secret", "secret");
    host.write(`${tree}/real/file`, "x");
    link("../secret", "out");
    link(host.at("/srv/secret"), "absolute");
    link("..", "above");
    link("real", "beside");
    expect(read("out", 9, "absolute", 9, "above/secret", 9, "beside/file", 9)).toBe("\firregular\n".repeat(4));
    expect(read("../secret", 9)).toBe("\fmissing\n");
  });

  test("the tree itself is not reached by a link", () => {
    host.write("/srv/elsewhere/file", "secret");
    symlinkSync("elsewhere", host.at("/srv/link"));
    expect(printed(host, sh`tree_read ${host.at("/srv/link")} file 9`)).not.toContain("secret");
  });

  test("opens nothing but files: no pipe with or without a writer, no directory", () => {
    mkdirSync(host.at(`${tree}/directory`));
    const before = lines([sh`mkfifo ${host.at(`${tree}/quiet`)}`, pipes([host.at(`${tree}/pipe`)], "bad")]);
    expect(printed(host, lines([before, sh`tree_read ${host.at(tree)} quiet 9 pipe 9 directory 9`]))).toBe(
      "\firregular\n".repeat(3),
    );
  });
});

test("tree_kind names what is in a place, and follows no link", () => {
  host.write(`${tree}/file`, "");
  host.write(`${tree}/filled`, "x");
  link("filled", "link");
  link(".", "here");
  host.ended(sh`mkfifo ${host.at(`${tree}/pipe`)}`);
  const kinds = ["file", "filled", ".", "link", "pipe", "gone", "file/gone", "here/filled"].map((path) =>
    printed(host, sh`tree_kind ${host.at(tree)} ${path}`).trim(),
  );
  expect(kinds).toEqual(["file", "filled", "directory", "link", "other", "missing", "missing", "irregular"]);
  expect(printed(host, sh`tree_kind ${host.at("/gone")} file`)).toBe("missing\n");
});
