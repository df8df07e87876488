import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

/** The accounts of a guest: root, and one of another shell. */
const getent = `
home=\${0%/bin/getent}/home
case "$1 $2" in
  "passwd root") echo "root:x:0:0:root:$home/root:/bin/bash" ;;
  "passwd alice") echo "alice:x:1000:1001:Alice A.:$home/alice:/bin/zsh" ;;
  "group staff") echo "staff:x:50:alice" ;;
  *) exit 2 ;;
esac
`;
const programs = {
  getent,
  id: 'case "$2" in root) echo 0 ;; *) echo 1000 ;; esac',
  runuser: 'shift 3; exec "$@"',
  chown: "",
};

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost(programs, ["/etc/locale.conf", "/etc/default/locale"]);
  mkdirSync(host.at("provision"));
});
afterEach(() => host.remove());

const inGuest = (script: Script) => lines([sh`provision_dir=${host.at("provision")}`, script]);
const outputOf = (script: Script) => host.ended(inGuest(script)).stdout;
const statusOf = (script: Script) => host.ended(inGuest(script)).status;
const text = (path: string) => readFileSync(host.at(path), "utf8");

describe("provision_say", () => {
  test("shows a text in a line of its own, whatever is in it", () => {
    expect(outputOf(sh`provision_say "making it" ${"50% of 'a\\n\"b"}`)).toBe(
      "pulumi-nspawn: making it 50% of 'a\\n\"b\n",
    );
  });
});

describe("provision_made", () => {
  test("notes each thing once, in the order in which they were made", () => {
    host.run(inGuest(sh`provision_made group staff; provision_made user alice; provision_made group staff`));
    host.run(inGuest(sh`provision_made user alice; provision_made file ${"/etc/a b'c"}`));
    expect(text("provision/made")).toBe("group staff\nuser alice\nfile /etc/a b'c\n");
  });
});

describe("provision_is_made", () => {
  test("knows what was made by its kind and its whole name", () => {
    host.write("provision/made", "user alice\nfile /etc/a b'c\nfile -v\n");
    for (const [kind, name] of [
      ["user", "alice"],
      ["file", "/etc/a b'c"],
      ["file", "-v"],
    ] as const) {
      expect(statusOf(sh`provision_is_made ${kind} ${name}`)).toBe(0);
    }
    for (const [kind, name] of [
      ["group", "alice"],
      ["user", "alic"],
      ["user", "al.ce"],
      ["r", "alice"],
    ] as const) {
      expect(statusOf(sh`provision_is_made ${kind} ${name}`)).toBe(1);
    }
  });

  test("knows of nothing where nothing was made yet, and says nothing about that", () => {
    const { status, stderr } = host.ended(inGuest(sh`provision_is_made user alice`));
    expect(status).not.toBe(0);
    expect(stderr).toBe("");
  });
});

describe("provision_differs", () => {
  test("answers what is not as it should be", () => {
    expect(host.run(sh`provision_differs ${"/etc/it's"} ${"two\nlines"}`)).toEqual([
      { key: "drift", values: ["/etc/it's", "two\nlines"] },
    ]);
  });
});

describe("provision_warn", () => {
  test("adds a warning to those before it", () => {
    host.run(inGuest(sh`provision_warn "the user" ${"it's 5% \\n"}; provision_warn second`));
    host.run(inGuest(sh`provision_warn third`));
    expect(text("provision/warnings")).toBe("the user it's 5% \\n\nsecond\nthird\n");
  });
});

describe("provision_id", () => {
  test("is a number as it is, and asks nobody about it", () => {
    expect(outputOf(sh`provision_id passwd 0; echo; provision_id group 4711`)).toBe("0\n4711");
    expect(host.calls()).toEqual([]);
  });

  test("finds the number of a name in the database that is asked", () => {
    expect(outputOf(sh`provision_id passwd alice; provision_id group staff`)).toBe("1000\n50\n");
  });

  test("is nothing for a name that is not there", () => {
    expect(host.ended(sh`provision_id passwd staff; provision_id passwd 1x`)).toMatchObject({ status: 0, stdout: "" });
    expect(host.calls()).toEqual(["getent passwd staff", "getent passwd 1x"]);
  });
});

describe("provision_field", () => {
  test("is a field of a user's line", () => {
    expect(outputOf(sh`provision_field alice 3; provision_field alice 5; provision_field root 7`)).toBe(
      "1000\nAlice A.\n/bin/bash\n",
    );
  });

  test("is nothing of a user that is not there", () => {
    expect(host.ended(sh`provision_field bob 6`)).toMatchObject({ status: 0, stdout: "" });
  });
});

describe("provision_as", () => {
  const environment = (user: string, before: Script = sh`:`) =>
    outputOf(lines([sh`LEAK=1; export LEAK`, before, sh`provision_as ${user} env`]))
      .split("\n")
      .filter((line) => /^[A-Z]/.test(line) && !/^(?:PWD|OLDPWD|SHLVL)=/.test(line))
      .sort();

  test("gives a script the environment of the user's login, and nothing else", () => {
    expect(environment("alice")).toEqual([
      "CREDENTIALS_DIRECTORY=",
      `HOME=${host.at("home/alice")}`,
      "LANG=C.UTF-8",
      "LOGNAME=alice",
      "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
      "SHELL=/bin/zsh",
      "USER=alice",
    ]);
  });

  test("gives root the programs of an administrator", () => {
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    expect(environment("root")).toEqual(expect.arrayContaining([path, `HOME=${host.at("home/root")}`]));
  });

  test.each([
    ["etc/locale.conf", "LC_TIME=x\nLANG=de_DE.UTF-8\n", "de_DE.UTF-8"],
    ["etc/default/locale", '#LANG=no\nLANG="fr_FR.UTF-8"\n', "fr_FR.UTF-8"],
  ])("takes the language of the guest from %s", (path, content, language) => {
    host.write(path, content);
    expect(environment("alice")).toContain(`LANG=${language}`);
  });

  test("tells a script where its credentials are", () => {
    expect(environment("alice", sh`provision_credentials="/run/with blank"`)).toContain(
      "CREDENTIALS_DIRECTORY=/run/with blank",
    );
  });

  test("runs a script of any text, which stands in no argument of a process", () => {
    const script = `printf '%s\\n' "it's $((6 * 7))" 'a\\b'\nread -r rest\nnot run`;
    expect(outputOf(sh`provision_as alice ${script}`)).toBe("it's 42\na\\b\n");
    expect(host.calls().join("\n")).not.toContain("printf");
  });

  test("runs it as the user, for at most the limit that is set", () => {
    const call = /^runuser -u alice -- env -i HOME=.* \/bin\/sh$/;
    host.run(sh`provision_as alice :`);
    expect(host.calls().at(-1)).toMatch(call);
    host.run(sh`provision_limit=30; provision_as alice :`);
    expect(host.calls().at(-1)).toMatch(/^runuser -u alice -- timeout 30 env -i /);
  });

  test("does not let the script have the lock", () => {
    const script = "if [ -e /proc/self/fd/9 ]; then echo open; else echo closed; fi";
    expect(outputOf(sh`exec 9>${host.at("lock")}; provision_as alice ${script}; [ -e /proc/self/fd/9 ]`)).toBe(
      "closed\n",
    );
  });

  test("ends as the script does", () => {
    expect(statusOf(sh`provision_as alice "exit 7"`)).toBe(7);
  });

  test("fails for a user that is not there, and says so", () => {
    expect(host.ended(sh`provision_as bob "echo run"`)).toMatchObject({ status: 1, stdout: "there is no user bob\n" });
    expect(host.calls()).toEqual(["getent passwd bob"]);
  });
});

describe("provision_enter", () => {
  /** Who runs the tests owns the directory, and another one does not. */
  const mine = () => String(statSync(host.directory).uid);
  /** Within a condition, where `set -e` ends nothing. */
  const entered = (path: string, uid = "4711") =>
    host.ended(sh`if provision_enter ${path} ${uid} 4712; then pwd -P; else exit "$?"; fi`);

  test("goes to a directory, whatever its name is", () => {
    mkdirSync(host.at("-a b/it's"), { recursive: true });
    expect(entered(host.at("-a b/it's")).stdout).toBe(`${host.at("-a b/it's")}\n`);
    expect(entered("").stdout).toBe("/\n");
  });

  test("makes what is missing, for everybody to read", () => {
    expect(entered(host.at("a/b c")).stdout).toBe(`${host.at("a/b c")}\n`);
    expect([statSync(host.at("a")).mode & 0o7777, statSync(host.at("a/b c")).mode & 0o7777]).toEqual([0o755, 0o755]);
  });

  test("gives what it makes to the owner within what is the owner's, and only there", () => {
    entered(host.at("a/b"));
    expect(host.calls()).toEqual([]);
    entered(host.at("c"), mine());
    expect(host.calls()).toEqual([`chown -h -- ${mine()}:4712 ./c`]);
    entered(host.at("c"), mine());
    expect(host.calls()).toEqual([]);
  });

  test("refuses a symbolic link on the way, and at the end", () => {
    mkdirSync(host.at("elsewhere"));
    symlinkSync(host.at("elsewhere"), host.at("link"));
    for (const path of ["link", "link/inner"]) {
      expect(host.run(sh`provision_enter ${host.at(path)} 0 0; answer entered`)).toEqual([
        { key: "refused", values: ["symlink", host.at(path), host.at(path.replace("link", "elsewhere"))] },
      ]);
      expect(existsSync(host.at("elsewhere/inner"))).toBe(false);
    }
  });

  test("fails where a directory cannot be made", () => {
    writeFileSync(host.at("plain"), "");
    expect(entered(host.at("plain/below"))).toMatchObject({ status: 1, stdout: "" });
    expect(text("plain")).toBe("");
  });

  test("fails where what it makes cannot be given to its owner", () => {
    host.write("bin/chown", "#!/bin/sh\nexit 1\n");
    chmodSync(host.at("bin/chown"), 0o755);
    expect(entered(host.at("a/b"), mine())).toMatchObject({ status: 1, stdout: "" });
    expect(existsSync(host.at("a/b"))).toBe(false);
  });
});
