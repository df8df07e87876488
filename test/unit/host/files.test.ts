import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureFiles, type Files, type HostFile, removeFiles } from "../../../provider/host/files";
import { sh } from "../../../provider/host/sh";
import { lines, type Script } from "../../../provider/remote";
import { parseAnswer, prelude } from "../../../provider/remote/script/answers";
import { ended, output } from "../support/processes";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "files-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string) => join(directory, name);
const manifest = () => at("state/web.files");
const files = (all: Record<string, HostFile>): Files =>
  new Map(Object.entries(all).map(([name, file]) => [at(name), file]));

function script(text: Script): string {
  return lines([prelude, sh`set -eu`, text]).text;
}

function shell(text: Script): string {
  return output(["sh", "-c", script(text)]).trim();
}

/** Which kinds of files a run changed. */
function ensure(restart: Record<string, HostFile>, live: Record<string, HostFile> = {}): string {
  const script = ensureFiles(manifest(), { restart: files(restart), live: files(live) });
  return shell(lines([script, sh`echo "restart=$files_restart live=$files_live"`]));
}

const answers = () =>
  shell(sh`files_answer file web ${manifest()}`)
    .split("\n")
    .map((line) => parseAnswer(line)?.values.slice(1));

test("files get their texts and modes, and a second run changes nothing", () => {
  const wanted = { "a/one": { text: "1\n\n" }, "a/two": { text: "2", mode: "0644" } } as const;
  expect(ensure(wanted, { three: { text: "3\n" } })).toBe("restart=yes live=yes");
  expect(readFileSync(at("a/one"), "utf8")).toBe("1\n\n");
  expect([statSync(at("a/one")).mode & 0o777, statSync(at("a/two")).mode & 0o777]).toEqual([0o600, 0o644]);
  expect(ensure(wanted, { three: { text: "3\n" } })).toBe("restart= live=");
});

test("wrong permissions are corrected without counting as a change, and left alone if any will do", () => {
  const wanted = { one: { text: "1" }, two: { text: "2", mode: "any" } } as const;
  ensure(wanted);
  for (const name of ["one", "two"]) chmodSync(at(name), 0o644);
  expect(ensure(wanted)).toBe("restart= live=");
  expect([statSync(at("one")).mode & 0o777, statSync(at("two")).mode & 0o777]).toEqual([0o600, 0o644]);
});

test("files that are no longer wanted are removed, with a directory that becomes empty", () => {
  ensure({ "a/one": { text: "1" }, two: { text: "2" } }, { "b/three": { text: "3" } });
  expect(ensure({ two: { text: "2" } }, { "b/three": { text: "3" } })).toBe("restart=yes live=");
  expect(existsSync(at("a"))).toBe(false);
  expect(ensure({ two: { text: "2" } })).toBe("restart= live=yes");
  expect(existsSync(at("b"))).toBe(false);
});

test("every file is reported with its checksum, and a secret one without its text", () => {
  ensure({ one: { text: "first\n\n" }, two: { text: "hunter2", secret: true } });
  const sum = (text: string) => createHash("sha256").update(text).digest("hex");
  expect(answers()).toEqual([
    [at("two"), sum("hunter2"), ""],
    [at("one"), sum("first\n\n"), "first\n\n"],
  ]);
});

test("removal takes the files of the manifest, and no others", () => {
  ensure({ "a/one": { text: "1" } }, { two: { text: "2" } });
  writeFileSync(at("a/foreign"), "mine");
  shell(removeFiles(manifest()));
  expect([at("a/one"), at("two"), manifest(), at("state")].filter((path) => existsSync(path))).toEqual([]);
  expect(readFileSync(at("a/foreign"), "utf8")).toBe("mine");
  shell(removeFiles(manifest()));
});

test("scripts that make and remove files in one directory at the same time do not disturb each other", async () => {
  const rounds = 150;
  const loop = (name: string) => sh`
for round in $(seq ${rounds}); do
  file_present ${at(`shared/${name}`)} "text $round" 0600 && [ -f ${at(`shared/${name}`)} ] || { echo "round $round: not made"; exit 1; }
  file_absent ${at(`shared/${name}`)} || { echo "round $round: not there"; exit 1; }
done
`;
  const ends = ["a", "b", "c"].map(
    (name) =>
      new Promise<string>((resolve) => {
        execFile("sh", ["-c", script(loop(name))], (error, stdout) =>
          resolve(`${error ? "failed" : "ended"} ${stdout}`),
        );
      }),
  );
  expect(await Promise.all(ends)).toEqual(["ended ", "ended ", "ended "]);
  expect(existsSync(at("shared"))).toBe(false);
});

test("a file that cannot be written ends the script, even in a condition", () => {
  writeFileSync(at("plain"), "");
  const write = sh`if file_present ${at("plain/below")} text 0600; then :; fi; echo "never here"`;
  const { status, stdout } = ended(["sh", "-c", script(write)]);
  expect(status).toBe(65);
  expect(parseAnswer(stdout.trim())?.values.slice(0, 3)).toEqual(["not-written", at("plain/below"), "File exists"]);
});

test("removal continues after a file that is gone already", () => {
  ensure({ one: { text: "1" }, two: { text: "2" }, three: { text: "3" } });
  for (const name of ["one", "three"]) rmSync(at(name));
  shell(removeFiles(manifest()));
  expect([at("two"), manifest()].filter((path) => existsSync(path))).toEqual([]);
});

/** What a script refuses with where no file can have a byte; a pipe still takes what it says. */
function refusedOnFullDisk(text: Script): readonly string[] {
  const onFullDisk = sh`( trap '' XFSZ; ulimit -f 0
${text}
) | cat`;
  return parseAnswer(shell(onFullDisk))?.values.slice(0, 3) ?? [];
}

test("on a full disk no file changes, the manifest neither, and nothing is left of the try", () => {
  ensure({ "a/one": { text: "1" } }, { two: { text: "2" } });
  const wanted = {
    restart: files({ "a/one": { text: "changed" } }),
    live: files({ two: { text: "too" }, three: { text: "" } }),
  };
  expect(refusedOnFullDisk(ensureFiles(manifest(), wanted))).toEqual(["not-written", manifest(), "File too large"]);
  expect([readFileSync(at("a/one"), "utf8"), readFileSync(at("two"), "utf8")]).toEqual(["1", "2"]);
  expect(readdirSync(directory, { recursive: true }).sort()).toEqual(["a", "a/one", "state", "state/web.files", "two"]);
  expect(readFileSync(manifest(), "utf8")).toBe(`live text ${at("two")}\nrestart text ${at("a/one")}\n`);
});

test("if the last of several files cannot be written, none changes", () => {
  ensure({ one: { text: "1" } });
  writeFileSync(at("plain"), "");
  const wanted = { restart: files({ one: { text: "changed" }, "plain/below": { text: "3" } }), live: files({}) };
  const { status } = ended(["sh", "-c", script(ensureFiles(manifest(), wanted))]);
  expect(status).toBe(65);
  expect(readFileSync(at("one"), "utf8")).toBe("1");
  expect(readdirSync(directory, { recursive: true }).sort()).toEqual(["one", "plain", "state", "state/web.files"]);
});

/** What reaches the disk and when, as calls of `sync` and `mv`. */
function traced(text: Script): string[] {
  const trace = sh`
PATH=${at("bin")}:$PATH`;
  mkdirSync(at("bin"));
  for (const name of ["sync", "mv"]) {
    writeFileSync(
      at(`bin/${name}`),
      sh`#!/bin/sh
echo ${name} "$@" >>${at("trace")}
exec /bin/${name} "$@"
`.text.replace(`'${name}' "$@"\n`, `${name} "$@"\n`),
      { mode: 0o755 },
    );
  }
  shell(lines([trace, text]));
  return readFileSync(at("trace"), "utf8").replaceAll(`${directory}/`, "").split("\n").slice(0, -1);
}

test("texts are on disk before they are renamed, and the list of files before the files", () => {
  const wanted = {
    restart: files({ "a/one": { text: "1" }, "a/two": { text: "2" } }),
    live: files({ three: { text: "3" } }),
  };
  expect(traced(ensureFiles(manifest(), wanted))).toEqual([
    "sync -- state/web.files.new a/one.new a/two.new three.new",
    "mv -fT -- state/web.files.new state/web.files",
    "sync -- state",
    "mv -fT -- a/one.new a/one",
    "mv -fT -- a/two.new a/two",
    "mv -fT -- three.new three",
    `sync -- a ${directory}`,
  ]);
});

test("files are gone from the disk before the list of files is", () => {
  ensure({ "a/one": { text: "1" }, two: { text: "2" } });
  expect(traced(removeFiles(manifest()))).toEqual([`sync -- ${directory} ${directory}`, `sync -- ${directory}`]);
});

test("what a killed run left next to a file goes with it", () => {
  ensure({ one: { text: "1" }, two: { text: "2" } });
  for (const name of ["one.new", "two.new"]) writeFileSync(at(name), "half");
  ensure({ one: { text: "1" } });
  expect(readdirSync(directory).sort()).toEqual(["one", "state"]);
});
