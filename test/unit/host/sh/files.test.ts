import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { called } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const text = (path: string) => readFileSync(host.at(path), "utf8");
const modeOf = (path: string) => statSync(host.at(path)).mode & 0o7777;

describe("file_same", () => {
  const same = (path: string, content: string) => host.ended(sh`file_same ${host.at(path)} ${content}`).status === 0;

  test("a file is the same where it has the text to the last byte", () => {
    const content = "it's 5% \\n\"\n\n";
    host.write("a b", content);
    expect(same("a b", content)).toBe(true);
    for (const other of [content.slice(0, -1), `${content}\n`, content.toUpperCase(), ""]) {
      expect(same("a b", other)).toBe(false);
    }
  });

  test("an empty file is the same as no text", () => {
    host.write("empty", "");
    expect(same("empty", "")).toBe(true);
  });

  test("what is no file of its own is never the same", () => {
    host.write("file", "x");
    symlinkSync(host.at("file"), host.at("link"));
    mkdirSync(host.at("directory"));
    expect([same("link", "x"), same("directory", ""), same("missing", "")]).toEqual([false, false, false]);
    expect(host.ended(sh`file_same /dev/null ""`).status).not.toBe(0);
  });
});

/** Runs a script where no file can have a byte; a pipe still takes what it says. */
const onFullDisk = (script: Script) => sh`( trap '' XFSZ; ulimit -f 0
${script}
) 2>&1 | cat`;

/** What a script refuses with, the paths as they are on the host. */
const refusal = (script: Script) =>
  host
    .run(script)
    .filter(({ key }) => key === "refused")
    .flatMap(({ values }) => values.slice(0, 3).map((value) => value.replaceAll(host.directory, "")));

describe("file_persist", () => {
  /** A command that fails for some times, and counts its calls. */
  const persist = (failures: number, why: string): Script => sh`
flaky() {
  echo >>${host.at("counted")}
  [ "$(wc -l <${host.at("counted")})" -gt ${failures} ] || { echo "failure of $*: "${why} >&2; return 3; }
}
if file_persist flaky ${"a b"} c; then echo done; else echo "$file_why"; fi
wc -l <${host.at("counted")}
`;
  const gone = "No such file or directory";

  test("a command that succeeds runs once", () => {
    expect(host.ended(persist(0, gone))).toEqual({ status: 0, stdout: "done\n1\n", stderr: "" });
  });

  test("one whose directory is gone is tried again, with the same arguments and without a word", () => {
    expect(host.ended(persist(99, gone))).toEqual({ status: 0, stdout: "done\n100\n", stderr: "" });
  });

  test("one whose directory is gone a hundred times fails", () => {
    expect(host.ended(persist(100, gone)).stdout).toBe(`failure of a b c: ${gone}\n100\n`);
  });

  test("one that fails for another reason is not tried again", () => {
    expect(host.ended(persist(9, "No space left on device")).stdout).toBe(
      "failure of a b c: No space left on device\n1\n",
    );
  });
});

describe("file_directory_of", () => {
  test.each([
    ["/a b/c", "/a b"],
    ["/c", "/"],
  ])("%s is in %s", (path, directory) => {
    expect(host.printed(sh`file_directory_of ${path}; echo "$file_directory"`)).toBe(directory);
  });
});

describe("file_write", () => {
  const write = (path: string, content: string) => host.ended(sh`file_write ${host.at(path)} ${content}`).status;

  test("writes the text next to the file, for its owner alone, and leaves the file as it is", () => {
    host.write("file", "old");
    expect(write("file", "it's 5% \\n\n\n")).toBe(0);
    expect([text("file"), text("file.new"), modeOf("file.new")]).toEqual(["old", "it's 5% \\n\n\n", 0o600]);
  });

  test("makes the directory that it needs", () => {
    expect(write("a b/-c/file", "x")).toBe(0);
    expect(text("a b/-c/file.new")).toBe("x");
    expect(modeOf("a b")).toBe(0o755);
  });

  test("writes again what a killed run left, and follows no link there", () => {
    host.write("a.new", "left and longer", 0o644);
    host.write("target", "kept");
    symlinkSync(host.at("target"), host.at("b.new"));
    expect([write("a", "x"), write("b", "y")]).toEqual([0, 0]);
    expect([text("a.new"), modeOf("a.new"), text("b.new"), text("target")]).toEqual(["x", 0o600, "y", "kept"]);
  });

  test("fails where the file cannot be written", () => {
    host.write("plain", "");
    mkdirSync(host.at("taken.new"));
    expect(write("plain/below", "x")).not.toBe(0);
    expect(write("taken", "x")).not.toBe(0);
  });

  test("says why the disk takes nothing", () => {
    expect(host.ended(onFullDisk(sh`file_write ${host.at("file")} x`)).stdout).toMatch(
      /tee: .*file\.new: File too large\n$/,
    );
  });

  test("changes the mask of the script for nothing else", () => {
    host.run(sh`file_write ${host.at("file")} x; : >${host.at("after")}`);
    expect(modeOf("after")).toBe(0o644);
  });
});

describe("file_present", () => {
  const present = (path: string, content: string, mode: string): string =>
    host.ended(sh`if file_present ${host.at(path)} ${content} ${mode}; then echo changed; else echo same; fi`).stdout;

  test("succeeds where it changed something", () => {
    expect([present("a/b", "x", "0640"), present("a/b", "x", "0640"), present("a/b", "y", "0640")]).toEqual([
      "changed\n",
      "same\n",
      "changed\n",
    ]);
    expect([text("a/b"), modeOf("a/b")]).toEqual(["y", 0o640]);
  });

  test("puts a mode right where the text is the same, unless any will do", () => {
    host.write("file", "x", 0o600);
    expect([present("file", "x", "any"), modeOf("file")]).toEqual(["same\n", 0o600]);
    expect([present("file", "x", "0644"), modeOf("file")]).toEqual(["same\n", 0o644]);
  });

  test("takes the place of a link, and leaves alone what that points to", () => {
    host.write("target", "x");
    symlinkSync(host.at("target"), host.at("link"));
    expect(present("link", "y", "0600")).toBe("changed\n");
    expect([text("link"), text("target")]).toEqual(["y", "x"]);
  });

  test("ends the script where a directory is in its place", () => {
    mkdirSync(host.at("file"));
    expect(refusal(sh`file_present ${host.at("file")} x 0600 || :`)).toEqual([
      "not-written",
      "/file",
      "Is a directory",
    ]);
  });

  test("is on disk when it is reported, and its name is too", () => {
    host.program("sync", "");
    present("a/b", "x", "0600");
    expect(called(host)).toEqual(["sync -- /a/b.new", "sync -- /a"]);
  });

  test("changes nothing, and leaves nothing, if the disk does not take it", () => {
    host.write("a/b", "old");
    host.program("sync", sh`echo "sync: error syncing '$2': No space left on device" >&2; exit 1`.text);
    expect(refusal(sh`file_present ${host.at("a/b")} x 0600 || :`)).toEqual([
      "not-written",
      "/a/b",
      "No space left on device",
    ]);
    expect([text("a/b"), readdirSync(host.at("a"))]).toEqual(["old", ["b"]]);
  });

  test("needs no permission to write what is there already", () => {
    host.write("file", "x", 0o644);
    host.program("chmod", "exit 1");
    expect(present("file", "x", "0644")).toBe("same\n");
  });
});

describe("file_stage and files_commit", () => {
  test("nothing changes before the commit, and then all of it", () => {
    host.write("a", "old");
    const stage = sh`if file_stage ${host.at("a")} new 0600; then echo staged; fi; if file_stage ${host.at("b/c")} new 0644; then echo staged; fi`;
    expect(host.printed(stage)).toBe("staged\nstaged");
    expect([text("a"), text("a.new"), text("b/c.new"), modeOf("b/c.new")]).toEqual(["old", "new", "new", 0o644]);
    host.run(sh`${stage}
files_commit`);
    expect([text("a"), text("b/c"), readdirSync(host.at("b"))]).toEqual(["new", "new", ["c"]]);
  });

  test("a commit of nothing runs no program", () => {
    host.program("sync", "");
    host.run(sh`files_commit; files_synced`);
    expect(called(host)).toEqual([]);
  });
});

describe("file_failed", () => {
  test("refuses with the path, the reason, and the file system and its room, and removes what is not renamed", () => {
    host.write("other.new", "");
    host.write("gone/file.new", "");
    const script = sh`files_staged=${`${host.at("other")}\n`}; file_failed ${host.at("gone/file")} "tee: a: b: No space left on device"`;
    const [answer] = host.run(script);
    expect(answer?.values.slice(0, 3)).toEqual(["not-written", host.at("gone/file"), "No space left on device"]);
    expect(answer?.values[3]).toMatch(/^\//);
    expect(answer?.values[4]).toMatch(/^ *\d+ +(\d+|-) +(\d+|-)$/);
    expect(readdirSync(host.directory).filter((name) => name.endsWith(".new"))).toEqual([]);
  });
});

describe("file_touched and files_synced", () => {
  test("each directory is brought to disk once, and one that is gone by the one above it", () => {
    host.program("sync", "");
    mkdirSync(host.at("a b"));
    host.run(
      sh`file_touched ${host.at("a b/1")}; file_touched ${host.at("a b/2")}; file_touched ${host.at("gone/deep/3")}; files_synced; files_synced`,
    );
    expect(called(host)).toEqual(["sync -- /a b "]);
  });

  test("a disk that does not take it ends the script", () => {
    host.program("sync", "echo 'sync: error syncing: Input/output error' >&2; exit 1");
    expect(refusal(sh`file_touched ${host.at("a")}; if files_synced; then :; fi`)).toEqual([
      "not-written",
      "",
      "Input/output error",
    ]);
  });
});

describe("file_save", () => {
  test("writes a file whole, and waits for no disk", () => {
    host.program("sync", "");
    host.write("a/b", "old");
    host.run(sh`file_save ${host.at("a/b")} "new"; file_save ${host.at("c/d")} ""`);
    expect([text("a/b"), text("c/d"), called(host)]).toEqual(["new", "", []]);
  });

  test("ends the script if it cannot, and the file is as it was", () => {
    host.write("a", "old");
    const script = onFullDisk(sh`if file_save ${host.at("a")} new; then :; fi`);
    expect(refusal(script)).toEqual(["not-written", "/a", "File too large"]);
    expect([text("a"), existsSync(host.at("a.new"))]).toEqual(["old", false]);
  });
});

describe("file_room", () => {
  test("leaves nothing where there is room, and refuses where there is none", () => {
    mkdirSync(host.at("a"));
    host.run(sh`file_room ${host.at("a")}`);
    expect(readdirSync(host.at("a"))).toEqual([]);
    const full = onFullDisk(sh`file_room ${host.at("a")}`);
    expect(refusal(full)).toEqual(["not-written", "/a/.pulumi-nspawn", "File too large"]);
    expect(readdirSync(host.at("a"))).toEqual([]);
  });
});

describe("file_remove", () => {
  test("notes the directory, for one pass over the disk", () => {
    host.write("a/one", "");
    host.write("a/two", "");
    host.write("a/three", "");
    host.program("sync", "");
    host.run(sh`file_remove ${host.at("a/one")}; file_remove ${host.at("a/two")}; files_synced`);
    expect(called(host)).toEqual(["sync -- /a"]);
  });
});

describe("file_absent", () => {
  const absent = (path: string): string =>
    host.ended(sh`if file_absent ${host.at(path)}; then echo removed; else echo gone; fi`).stdout;

  test("succeeds where it removed something, and takes a directory with it that it leaves empty", () => {
    host.write("a b/-c/it's", "x");
    host.write("a b/other", "x");
    expect([absent("a b/-c/it's"), absent("a b/-c/it's")]).toEqual(["removed\n", "gone\n"]);
    expect([absent("a b/-c"), absent("a b/none"), text("a b/other")]).toEqual(["gone\n", "gone\n", "x"]);
  });

  test("removes a link and not what it points to, also where that is nothing", () => {
    host.write("target", "x");
    symlinkSync(host.at("target"), host.at("link"));
    symlinkSync("nowhere", host.at("broken"));
    expect([absent("link"), absent("broken"), text("target")]).toEqual(["removed\n", "removed\n", "x"]);
  });

  test("ends the script where a directory is in its place", () => {
    mkdirSync(host.at("directory"));
    expect(refusal(sh`file_absent ${host.at("directory")} || :`)).toEqual([
      "not-written",
      "/directory",
      "Is a directory",
    ]);
  });
});

describe("directory_present", () => {
  test("makes a directory with all those above it, and leaves one that is there as it is", () => {
    host.run(sh`directory_present ${host.at("a b/-c/it's")}`);
    host.write("a b/-c/it's/file", "x");
    host.run(sh`directory_present ${host.at("a b/-c/it's")}`);
    expect([text("a b/-c/it's/file"), modeOf("a b/-c")]).toEqual(["x", 0o755]);
  });

  test("ends the script where something else is in its place, and says why", () => {
    host.write("plain", "x");
    expect(refusal(sh`if directory_present ${host.at("plain")}; then :; fi`)).toEqual([
      "not-written",
      "/plain",
      "File exists",
    ]);
    expect(text("plain")).toBe("x");
  });
});

describe("files_answer", () => {
  const answered = (manifest: string) => {
    host.write("manifest", manifest);
    return host.run(sh`files_answer file web ${host.at("manifest")}`).map(({ key, values }) => [key, ...values]);
  };
  const hashOf = (content: string) => createHash("sha256").update(content).digest("hex");

  test("answers each file of the manifest that is there, to its last byte, and a secret one without its text", () => {
    host.write("a b's", "5% \\n\n\n");
    host.write("secret", "hunter2");
    const [plain, secret, gone] = ["a b's", "secret", "gone"].map((name) => host.at(name));
    expect(answered(`restart plain ${plain}\nlive secret ${secret}\nlive plain ${gone}\n`)).toEqual([
      ["file", "web", plain, hashOf("5% \\n\n\n"), "5% \\n\n\n"],
      ["file", "web", secret, hashOf("hunter2"), ""],
    ]);
  });

  test("answers nothing where there is no manifest", () => {
    expect(host.run(sh`files_answer file web ${host.at("none")}`)).toEqual([]);
  });
});
