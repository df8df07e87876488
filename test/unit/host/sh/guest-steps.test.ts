import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

const getent = `[ "$2" = alice ] && echo "alice:x:1000:50::\${0%/bin/getent}/home/it's mine:/bin/sh"`;
/** Nothing waits: what watches a step ends when it first would. */
const programs = { getent, id: "echo 1000", runuser: 'shift 3; exec "$@"', chown: "", sleep: "exit 1" };

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost(programs);
  mkdirSync(host.at("home/it's mine"), { recursive: true });
  mkdirSync(host.at("provision/steps"), { recursive: true });
  mkdirSync(host.at("run"));
});
afterEach(() => host.remove());

const inGuest = (script: Script) => lines([sh`provision_dir=${host.at("provision")}; provision_secrets=`, script]);
const ended = (script: Script) => host.ended(inGuest(script));
const text = (path: string) => readFileSync(host.at(path), "utf8");

function record(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) host.write(`provision/steps/k/${name}`, content);
}

describe("provision_record", () => {
  test("is what is written of a step", () => {
    record({ output: "two\nlines 5% \\n\n" });
    expect(ended(sh`provision_record k output`)).toEqual({ status: 0, stdout: "two\nlines 5% \\n\n", stderr: "" });
  });

  test("is nothing where nothing is written", () => {
    for (const key of ["k", "other"]) {
      expect(ended(sh`provision_record ${key} status`)).toEqual({ status: 0, stdout: "", stderr: "" });
    }
  });
});

describe("provision_step_due", () => {
  const due = (when: string, hash = "h1") =>
    ended(sh`provision_boot=b1; provision_step_due k ${when} ${hash}`).status === 0;
  const dueOf = (hash?: string) => ["once", "changed", "start"].filter((when) => due(when, hash));

  test("each step is due that has not run, that failed, or that did not end", () => {
    expect(dueOf()).toEqual(["once", "changed", "start"]);
    for (const status of ["running", "1", "", "00"]) {
      record({ status, hash: "h1", boot: "b1" });
      expect(dueOf()).toEqual(["once", "changed", "start"]);
    }
  });

  test("no step is due that is done", () => {
    record({ status: "0", hash: "h1", boot: "b1" });
    expect(dueOf()).toEqual([]);
  });

  test("a step that has changed is due, unless it runs once", () => {
    record({ status: "0", hash: "h1", boot: "b1" });
    expect(dueOf("h2")).toEqual(["changed", "start"]);
  });

  test("a step of the start is due after another boot", () => {
    record({ status: "0", hash: "h1", boot: "b0" });
    expect(dueOf()).toEqual(["start"]);
  });
});

describe("provision_step_note", () => {
  test("writes down a step's name, what it was, when it ran and how it ended, for root alone", () => {
    ended(sh`provision_boot=b1; provision_step_note k ${"it's 5% \\n"} h1 running`);
    ended(sh`provision_boot=b1; provision_step_note k ${"it's 5% \\n"} h1 0`);
    const files = readdirSync(host.at("provision/steps/k")).map((name) => [name, text(`provision/steps/k/${name}`)]);
    expect(Object.fromEntries(files)).toEqual({ name: "it's 5% \\n", hash: "h1", boot: "b1", status: "0" });
    expect(statSync(host.at("provision/steps/k")).mode & 0o777).toBe(0o700);
  });

  test("knows the boot of the guest by itself", () => {
    ended(sh`provision_step_note k build h1 0`);
    expect(text("provision/steps/k/boot")).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  });
});

describe("provision_step_done", () => {
  test("needs no room: a full disk lets nothing be done twice", () => {
    ended(sh`provision_boot=b1; provision_step_note k build h1 running`);
    ended(sh`( trap '' XFSZ; ulimit -f 0; provision_step_done k ) 2>&1 | cat`);
    expect([text("provision/steps/k/status"), readdirSync(host.at("provision/steps/k")).sort()]).toEqual([
      "0",
      ["boot", "hash", "name", "status"],
    ]);
  });
});

test("a step that is noted again is not done before its new hash is there", () => {
  record({ status: "0", hash: "h1" });
  host.program("mv", `case $4 in */hash) kill -KILL $PPID; exit ;; esac; exec /bin/mv "$@"`);
  ended(sh`provision_boot=b1; provision_step_note k build h2 running`);
  expect(text("provision/steps/k/status")).toBe("running");
});

describe("provision_within_home", () => {
  const within = (user: string, path: string) => ended(sh`provision_within_home ${user} ${path}; pwd`);

  test("finds a path in a user's home, and one that is absolute", () => {
    host.write("home/it's mine/a b/c", "");
    host.write("elsewhere", "");
    for (const path of ["a b/c", "a b", ".", host.at("elsewhere")]) {
      expect(within("alice", path)).toMatchObject({ status: 0, stdout: `${process.cwd()}\n` });
    }
  });

  test("fails for a user that does not exist, wherever it runs", () => {
    expect(within("nobody-here", ".").status).not.toBe(0);
  });

  test("fails for what is not there", () => {
    host.write("elsewhere", "");
    for (const path of ["c", "elsewhere", host.at("c")]) expect(within("alice", path).status).not.toBe(0);
  });
});

describe("provision_checked", () => {
  const checked = (check: string, user = "alice") =>
    ended(
      sh`if provision_checked ${user} ${check}; then echo "yes $provision_limit"; else echo "no $provision_limit"; fi`,
    );

  test("succeeds where the user's check does, and shows nothing of it", () => {
    expect(checked("echo out; echo err >&2; [ $USER = alice ]")).toEqual({ status: 0, stdout: "yes \n", stderr: "" });
  });

  test("fails where the check or its user does", () => {
    expect(checked("exit 3").stdout).toBe("no \n");
    expect(checked(":", "bob").stdout).toBe("no \n");
  });

  test("lets no check run for long", () => {
    checked(":");
    expect(host.calls().find((call) => call.startsWith("runuser"))).toMatch(/^runuser -u alice -- timeout 30 env -i /);
  });
});

describe("provision_step_watch", () => {
  /** What is shown while a step runs that ends when it has been looked at as often. */
  function shown(output: string, looks = 1): string {
    host.write("output", output);
    const script = sh`
looks=${looks}
sleep() { [ "$*" = 1 ] && looks=$((looks - 1)) && [ "$looks" -ge 0 ]; }
provision_step_watch ${"it's 5%"} ${host.at("output")}
`;
    const { status, stdout } = ended(script);
    expect(status).toBe(0);
    return stdout;
  }

  test("shows the last line of the output, again and again", () => {
    expect(shown("first\nsecond 5% \\n\n", 2)).toBe("pulumi-nspawn: it's 5%: second 5% \\n\n".repeat(2));
    expect(shown("first\nhalf")).toBe("pulumi-nspawn: it's 5%: half\n");
  });

  test("shows the newest part of a line that is written over", () => {
    expect(shown("Receiving 1%\rReceiving 50%\rReceiving 99%\r")).toBe("pulumi-nspawn: it's 5%: Receiving 99%\n");
  });

  test("shows nothing of it that a terminal would not print as a letter", () => {
    expect(shown("a\tb\u001b[1mc\u0000d\n")).toBe("pulumi-nspawn: it's 5%: ab[1mcd\n");
  });

  test("shows no more than fits in a row", () => {
    expect(shown(`${"x".repeat(201)}\n`)).toBe(`pulumi-nspawn: it's 5%: ${"x".repeat(200)}\n`);
  });

  test("continues if there is no output yet", () => {
    expect(shown("")).toBe("pulumi-nspawn: it's 5%: \n");
  });
});

describe("provision_step", () => {
  interface Step {
    readonly user?: string;
    readonly run?: string;
    readonly check?: string;
    readonly secrets?: Script;
  }
  const step = ({ user = "alice", run = ":", check = "", secrets = sh`` }: Step) =>
    inGuest(sh`provision_secrets=${secrets.text}; provision_step k build h1 ${user} ${run} ${check}; answer after`);
  const recorded = (name: string) => text(`provision/steps/k/${name}`);
  const after = [{ key: "after", values: [] }];

  test("runs a script as its user, shows its name, and records that and what it printed", () => {
    const script = step({ run: 'echo "$USER"; echo err >&2; echo "$CREDENTIALS_DIRECTORY"' });
    expect(host.ended(script).stdout).toBe('pulumi-nspawn: build\n["after"]\n');
    expect([recorded("status"), recorded("hash"), recorded("output")]).toEqual(["0", "h1", "alice\nerr\n\n"]);
  });

  test("records that it runs before it has ended", () => {
    expect(host.run(step({ run: `cat ${host.at("provision/steps/k/status")}` }))).toEqual(after);
    expect(recorded("output")).toBe("running");
  });

  test("answers how a step failed, and ends the script", () => {
    const { status, stdout } = host.ended(step({ run: "echo why; exit 7" }));
    expect(status).toBe(1);
    const encoded = ["build", "7", "why"].map((value) => Buffer.from(value).toString("base64"));
    expect(stdout).toBe(`pulumi-nspawn: build\n${JSON.stringify(["failed", ...encoded])}\n`);
    expect(recorded("status")).toBe("7");
  });

  test("fails for a user that is not there", () => {
    expect(host.ended(step({ user: "bob" })).status).toBe(1);
    expect([recorded("status"), recorded("output")]).toEqual(["1", "there is no user bob\n"]);
  });

  test("fails where its check still fails after it", () => {
    expect(host.run(step({ check: `: >"$HOME/checked"` }))).toEqual(after);
    expect(existsSync(host.at("home/it's mine/checked"))).toBe(true);
    expect(host.ended(step({ run: "echo out", check: "false" })).status).toBe(1);
    expect([recorded("status"), recorded("output")]).toEqual(["1", "out\nits check still fails after it\n"]);
  });

  test("does not check a step that failed", () => {
    expect(host.ended(step({ run: "exit 3", check: ': >"$HOME/checked"' })).status).toBe(1);
    expect(recorded("status")).toBe("3");
    expect(existsSync(host.at("home/it's mine/checked"))).toBe(false);
  });

  test("gives it its secrets in a directory of the user, which goes when it ends", () => {
    const secrets = sh`printf %s ${"it's\n"} >token`;
    const run =
      'cat "$CREDENTIALS_DIRECTORY/token"; stat -c %a "$CREDENTIALS_DIRECTORY" "$CREDENTIALS_DIRECTORY/token"';
    host.run(step({ run, secrets }));
    expect(recorded("output")).toBe("it's\n700\n600\n");
    expect(host.calls()).toContainEqual(
      expect.stringMatching(/^chown -R -- alice: .*\/run\/pulumi-nspawn-credentials\.\w+$/),
    );
    expect(readdirSync(host.at("run"))).toEqual([]);
    expect(host.ended(step({ run: "exit 1", secrets })).status).toBe(1);
    expect(readdirSync(host.at("run"))).toEqual([]);
  });

  test("keeps the end of a long output", () => {
    host.run(step({ run: "seq 3000" }));
    expect(recorded("output")).toHaveLength(8192);
    expect(recorded("output")).toMatch(/\n2999\n3000\n$/);
  });

  test("takes lines of its output for warnings", () => {
    host.write("provision/warnings", "before\n");
    host.run(step({ run: "echo pulumi-nspawn-warning: left as it is; echo no pulumi-nspawn-warning: x" }));
    expect(text("provision/warnings")).toBe("before\nleft as it is\n");
  });
});
