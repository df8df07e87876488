import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
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

describe("file_persist", () => {
  /** A command that fails for some times, and counts its calls. */
  const persist = (failures: number): Script => sh`
calls=0
flaky() {
  calls=$((calls + 1))
  if [ "$calls" -le ${failures} ]; then echo "failure $calls of $*" >&2; return 3; fi
  echo "$*"
}
file_persist flaky ${"a b"} c
echo "$calls"
`;

  test("a command that succeeds runs once", () => {
    expect(host.ended(persist(0))).toEqual({ status: 0, stdout: "a b c\n1\n", stderr: "" });
  });

  test("one that fails is tried again, with the same arguments and without a word", () => {
    expect(host.ended(persist(99))).toEqual({ status: 0, stdout: "a b c\n100\n", stderr: "" });
  });

  test("one that fails a hundred times says at last what it has, and then may still succeed", () => {
    expect(host.ended(persist(100))).toEqual({ status: 0, stdout: "a b c\n101\n", stderr: "" });
    expect(host.ended(persist(101))).toEqual({ status: 1, stdout: "", stderr: "failure 101 of a b c\n" });
  });

  test("one that always fails ends the script, also in a condition", () => {
    expect(host.ended(sh`if file_persist false; then echo yes; else echo no; fi`)).toMatchObject({
      status: 1,
      stdout: "",
    });
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
    expect(present("file", "x", "0600")).toBe("");
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
    expect(absent("directory")).toBe("");
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
    const { status, stdout, stderr } = host.ended(sh`directory_present ${host.at("plain")}; echo "never here"`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("File exists");
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
