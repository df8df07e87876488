import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
} from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

/** All files belong to alice and her group, whoever runs the tests. */
const stat = `
case $2 in
  "%U %u") echo "alice 1000" ;;
  "%G %g") echo "staff 50" ;;
  %U) echo alice ;;
  %u) echo 1000 ;;
  %G) echo staff ;;
  *) exec /usr/bin/stat "$@" ;;
esac
`;
const getent = `
case "$1 $2" in
  "passwd alice") echo "alice:x:1000:50::/home/alice:/bin/sh" ;;
  "group staff") echo "staff:x:50:" ;;
  *) exit 2 ;;
esac
`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ stat, getent, chown: "" });
  mkdirSync(host.at("provision"));
});
afterEach(() => host.remove());

const inGuest = (script: Script) => lines([sh`provision_dir=${host.at("provision")}`, script]);
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const text = (path: string) => readFileSync(host.at(path), "utf8");

interface Wanted {
  readonly content?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly mode?: string;
}

function words(path: string, { content = "x", owner = "alice", group = "staff", mode = "644" }: Wanted): string[] {
  return [host.at(path), `${Buffer.byteLength(content)}`, hash(content), owner, group, mode];
}

describe("provision_file_problem", () => {
  const problem = (path: string, wanted: Wanted = {}) =>
    host.ended(sh`provision_file_problem ${words(path, wanted)}`).stdout;

  test.each([{}, { owner: "1000", group: "50" }, { owner: "1000" }])("a file as it shall be has none: %j", (wanted) => {
    host.write("-a b/it's", "x");
    expect(problem("-a b/it's", wanted)).toBe("");
  });

  test("tells the first that is not as it shall be", () => {
    host.write("file", "x", 0o640);
    expect(problem("missing")).toBe("missing\n");
    expect(problem("file", { content: "x\n", owner: "bob" })).toBe("its content differs\n");
    expect(problem("file", { content: "y", owner: "bob" })).toBe("its content differs\n");
    expect(problem("file", { owner: "bob", group: "users" })).toBe("it belongs to alice\n");
    expect(problem("file", { group: "users" })).toBe("its group is staff\n");
    expect(problem("file")).toBe("it is 640\n");
  });

  test.each(["alic", "lice", "100", "000"])("its owner is the whole name or number, not %s", (owner) => {
    host.write("file", "x");
    expect(problem("file", { owner })).toBe("it belongs to alice\n");
  });

  test.each(["staf", "taff", "5", "0"])("its group is the whole name or number, not %s", (group) => {
    host.write("file", "x");
    expect(problem("file", { group })).toBe("its group is staff\n");
  });

  test("looks at the bits of setuid and of the sticky one too", () => {
    host.write("file", "x");
    expect(problem("file", { mode: "4644" })).toBe("it is 644\n");
    expect(host.ended(sh`chmod 4755 ${host.at("file")}`).status).toBe(0);
    expect([problem("file", { mode: "755" }), problem("file", { mode: "4755" })]).toEqual(["it is 4755\n", ""]);
  });

  test("a link is no file, also one to a file as it shall be, or to nothing", () => {
    host.write("file", "x");
    symlinkSync(host.at("file"), host.at("link"));
    symlinkSync("nowhere", host.at("broken"));
    expect([problem("link"), problem("broken")]).toEqual(["it is a symbolic link\n", "it is a symbolic link\n"]);
  });

  test("a directory is no file", () => {
    expect(problem("bin")).toBe("it is not a regular file\n");
  });

  test("a file that its owner made huge is not read", () => {
    host.write("file", "");
    truncateSync(host.at("file"), 12 * 1024 ** 4);
    host.program("sha256sum", "");
    expect(problem("file")).toBe("its content differs\n");
    expect(host.calls().filter((call) => call.startsWith("sha256sum"))).toEqual([]);
  });
});

describe("provision_file", () => {
  const file = (path: string, wanted: Wanted = {}) =>
    host.run(inGuest(sh`provision_file ${words(path, wanted)} ${wanted.content ?? "x"}`));
  const chowns = () => host.calls().filter((call) => call.startsWith("chown"));
  const made = () => (existsSync(host.at("provision/made")) ? text("provision/made") : "");

  test("makes a file with its content, owner and mode, and notes that", () => {
    mkdirSync(host.at("-a b"));
    expect(file("-a b/it's", { content: "50% of 'a\\n\"$(b)\n\n", mode: "4640" })).toEqual([]);
    expect(text("-a b/it's")).toBe("50% of 'a\\n\"$(b)\n\n");
    expect(statSync(host.at("-a b/it's")).mode & 0o7777).toBe(0o4640);
    expect(chowns()).toEqual(["chown -- 1000:50 content"]);
    expect(made()).toBe(`file ${host.at("-a b/it's")}\n`);
    expect(readdirSync(host.at("-a b"))).toEqual(["it's"]);
  });

  test("shows which file it makes", () => {
    const said = host.ended(inGuest(sh`provision_file ${words("new", {})} x`)).stdout;
    expect(said).toBe(`pulumi-nspawn: file ${host.at("new")}\n`);
  });

  test("makes the directories above it for the owner within what is the owner's", () => {
    file("home/.config/file");
    expect(chowns()).toEqual([
      "chown -h -- 1000:50 ./home",
      "chown -h -- 1000:50 ./.config",
      "chown -- 1000:50 content",
    ]);
    expect(statSync(host.at("home/.config")).mode & 0o7777).toBe(0o755);
  });

  test("takes numbers that nobody has as they are", () => {
    file("new", { owner: "4711", group: "4712" });
    expect(chowns()).toEqual(["chown -- 4711:4712 content"]);
  });

  test("leaves a file as it shall be alone", () => {
    host.write("file", "x");
    const before = statSync(host.at("file"));
    const { stdout } = host.ended(inGuest(sh`provision_file ${words("file", {})} x`));
    expect({ stdout, chowns: chowns(), made: made() }).toEqual({ stdout: "", chowns: [], made: "" });
    expect(statSync(host.at("file")).ino).toBe(before.ino);
  });

  test("puts a file right that was there before, and does not take it for its own", () => {
    host.write("file", "old", 0o600);
    file("file", { content: "new" });
    expect([text("file"), statSync(host.at("file")).mode & 0o7777, made()]).toEqual(["new", 0o644, ""]);
  });

  test("takes the place of a link, and leaves alone what that points to", () => {
    host.write("target", "kept");
    symlinkSync(host.at("target"), host.at("link"));
    symlinkSync("nowhere", host.at("broken"));
    for (const path of ["link", "broken"]) {
      file(path);
      expect([text(path), lstatSync(host.at(path)).isFile()]).toEqual(["x", true]);
    }
    expect([text("target"), made(), existsSync(host.at("nowhere"))]).toEqual(["kept", "", false]);
  });

  test("refuses a path that leads over a link", () => {
    mkdirSync(host.at("elsewhere"));
    symlinkSync(host.at("elsewhere"), host.at("link"));
    expect(file("link/file")).toEqual(refused("symlink", host.at("link"), host.at("elsewhere")));
    expect(readdirSync(host.at("elsewhere"))).toEqual([]);
  });

  test("refuses where a directory is, and where the user or the group is missing", () => {
    expect(file("bin")).toEqual(refused("directory", host.at("bin")));
    expect(file("new", { owner: "bob", group: "users" })).toEqual(refused("no-user", "bob", host.at("new")));
    expect(file("new", { group: "users" })).toEqual(refused("no-group", "users", host.at("new")));
    expect([existsSync(host.at("new")), made()]).toEqual([false, ""]);
  });

  test("ends the script where the file cannot be given to its owner, and leaves the one before as it was", () => {
    host.remove();
    host = new ScratchHost({ stat, getent, chown: "exit 1" });
    host.write("provision/made", "");
    host.write("dir/file", "old");
    const { status, stdout } = host.ended(inGuest(sh`provision_file ${words("dir/file", {})} x; echo "never here"`));
    expect([status, stdout.split("\n")[0]]).toEqual([65, `pulumi-nspawn: file ${host.at("dir/file")}`]);
    expect(stdout).not.toContain("never here");
    expect([text("dir/file"), readdirSync(host.at("dir"))]).toEqual(["old", ["file"]]);
  });
});

describe("provision_file_write", () => {
  test("says why the disk takes nothing, and leaves the file as it was", () => {
    host.write("dir/file", "old");
    mkdirSync(host.at("dir/beside"));
    const write = sh`cd ${host.at("dir/beside")}; provision_uid=0 provision_gid=0; trap '' XFSZ; ulimit -f 0
provision_file_write file x 644 || echo failed`;
    const { stdout } = host.ended(sh`(
${write}
) 2>&1 | cat`);
    expect(stdout).toMatch(/tee: content: File too large\n.*failed\n$/s);
    expect(text("dir/file")).toBe("old");
  });
});

describe("provision_file_remove", () => {
  const remove = (path: string) => host.run(inGuest(sh`provision_file_remove ${host.at(path)}`));
  const make = (...paths: string[]) =>
    host.write("provision/made", paths.map((path) => `file ${host.at(path)}\n`).join(""));

  test("removes a file that this resource made, and nothing else", () => {
    make("-a b/it's", "-a b/link");
    for (const path of ["-a b/it's", "-a b/other", "target"]) host.write(path, "x");
    symlinkSync(host.at("target"), host.at("-a b/link"));
    for (const path of ["-a b/it's", "-a b/other", "-a b/link"]) expect(remove(path)).toEqual([]);
    expect([readdirSync(host.at("-a b")), text("target")]).toEqual([["other"], "x"]);
  });

  test("is content with a file that is gone, and with a directory that is gone", () => {
    make("gone", "nowhere/file");
    expect([remove("gone"), remove("nowhere/file")]).toEqual([[], []]);
    expect(existsSync(host.at("nowhere"))).toBe(false);
  });

  test("refuses a path that leads over a link by now", () => {
    make("link/file");
    host.write("elsewhere/file", "kept");
    symlinkSync(host.at("elsewhere"), host.at("link"));
    expect(remove("link/file")).toEqual(refused("symlink", host.at("link"), host.at("elsewhere")));
    expect(text("elsewhere/file")).toBe("kept");
  });

  test("ends the script where a directory has taken its place", () => {
    make("a/b");
    mkdirSync(host.at("a/b"), { recursive: true });
    expect(host.ended(inGuest(sh`provision_file_remove ${host.at("a/b")}; echo "never here"`))).toMatchObject({
      status: 1,
      stdout: "",
    });
  });
});
