import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  type Answer,
  CommandError,
  DeadlineError,
  first,
  lines,
  RefusedError,
  type RunOptions,
  run,
  type Script,
  sh,
  UnreachableError,
} from "../../provider/remote";
import { invocation } from "../../provider/remote/execution/command";
import { wrapScript } from "../../provider/remote/script/wrapper";
import { Directory } from "../support/ssh/directory";
import { failureOf } from "../support/ssh/failure";
import { survivor, untilSurvivorsAreGone } from "../support/survivor";

let directory: Directory;
beforeEach(() => {
  directory = new Directory();
});
afterEach(() => directory.remove());

function runLocally(script: Script, options: Partial<RunOptions> = {}): Promise<Answer[]> {
  return run({ connection: { host: "local" } }, script, { attempt: "look around", timeoutSeconds: 60, ...options });
}

test("answers arrive as given, whatever they contain", async () => {
  const values = ['a "quoted" $word', "two\nlines\n", "", "\\n ä 🦊 \t", "]}["];
  const file = directory.write("file", 'a "file"\n\n');
  const answers = await runLocally(sh`answer values ${values}; answer none; answer_file content ${"a name"} ${file}`);
  expect(answers).toEqual([
    { key: "values", values },
    { key: "none", values: [] },
    { key: "content", values: ["a name", 'a "file"\n\n'] },
  ]);
  expect(first(answers, "content")).toBe("a name");
  expect(first(answers, "nothing")).toBeUndefined();
});

test("each answer is delivered while the script still runs", async () => {
  const file = directory.join("seen");
  const script = sh`answer begun; until [ -e ${file} ]; do sleep 0.05; done; answer done`;
  const answers = await runLocally(script, { onAnswer: () => directory.write("seen", "") });
  expect(answers.map(({ key }) => key)).toEqual(["begun", "done"]);
});

test("an exception in a listener is the operation's own error", async () => {
  const onAnswer = () => {
    throw new TypeError("listener");
  };
  await expect(runLocally(sh`answer one`, { onAnswer })).rejects.toThrow("listener");
});

test("other output between answers is skipped", async () => {
  expect(await runLocally(sh`echo hello; answer one; echo '[1,2]'; echo '["broken'; answer two`)).toHaveLength(2);
});

test("a command cannot consume the rest of the script", async () => {
  expect(first(await runLocally(sh`cat; answer here yes`), "here")).toBe("yes");
});

test("a long script and a long answer stay complete", async () => {
  const long = "x'y ".repeat(500_000);
  const answers =
    await runLocally(sh`long=${long}; answer length "\${#long}"; printf '%s' "$long" >${directory.join("f")}
    answer_file whole name ${directory.join("f")}`);
  expect(first(answers, "length")).toBe(String(long.length));
  expect(answers[1]?.values[1]).toBe(long);
});

test("a failing command ends the script, and the error has the end of its output", async () => {
  const failure = await failureOf(runLocally(sh`seq 100000 >&2; ls /nowhere/at/all; answer never`));
  if (!(failure instanceof CommandError)) throw failure;
  expect(failure.exitStatus).toBe(2);
  expect(failure.message).toMatch(/^could not look around on local: the script ended with exit status 2\.\n/);
  expect(failure.message).toContain("\n  100000\n  ls: cannot access '/nowhere/at/all': No such file or directory");
  expect(failure.stderr.length).toBeLessThan(9000);
});

test("an unset variable ends the script", async () => {
  expect((await failureOf(runLocally(sh`answer one "$nothing_is_set"`))).message).toContain("parameter not set");
});

test("a script that refuses says why, and its exit status alone is no refusal", async () => {
  const failure = await failureOf(runLocally(sh`answer seen; refuse foreign-machine web1 ${"a b"}`));
  if (!(failure instanceof RefusedError)) throw failure;
  expect([failure.code, ...failure.values]).toEqual(["foreign-machine", "web1", "a b"]);
  expect(failure.message).toBe("could not look around on local: it was refused (foreign-machine, web1, a b).");
  expect(await failureOf(runLocally(sh`exit 65`))).toBeInstanceOf(CommandError);
});

test.each([
  ["ends at SIGTERM", sh`:`],
  // It gets 10 s before SIGKILL.
  ["ignores SIGTERM", sh`trap '' TERM`],
])("a deadline ends a script that %s, along with what it started", async (_, beginning) => {
  const script = lines([beginning, survivor, sh`sleep 100`]);
  const failure = await failureOf(runLocally(script, { timeoutSeconds: 0.5 }));
  expect(failure).toBeInstanceOf(DeadlineError);
  expect(failure.message).toContain("it was still running after 0.5 s and was stopped");
  await runLocally(untilSurvivorsAreGone);
});

test("a script that is silent for too long is given up, and one that answers in time is not", async () => {
  const telling = sh`for i in 1 2 3 4 5 6; do sleep 0.5; answer alive "$i"; done`;
  expect(await runLocally(telling, { silenceSeconds: 2 })).toHaveLength(6);
  const failure = await failureOf(runLocally(sh`answer begun; sleep 100`, { silenceSeconds: 1 }));
  expect(failure).toBeInstanceOf(UnreachableError);
  expect(failure.message).toContain("nothing was heard from it for 1 s");
});

test("a script sees nothing of this process's environment", async () => {
  process.env.PULUMI_NSPAWN_SSH_PASSWORD = "open sesame";
  try {
    expect(first(await runLocally(sh`answer environment "$(env)"`), "environment")).not.toContain("sesame");
  } finally {
    delete process.env.PULUMI_NSPAWN_SSH_PASSWORD;
  }
});

test("a script that is cut off anywhere runs nothing", () => {
  const file = directory.join("touched");
  const whole = wrapScript(sh`touch ${file}`, "mark");
  for (let length = 0; length < whole.lastIndexOf("}"); length += 1) {
    try {
      execFileSync("sh", [], { input: whole.slice(0, length), stdio: "pipe" });
    } catch {
      // The shell rejects most of the beginnings, and has run none.
    }
    if (existsSync(file))
      throw new Error(`it ran when cut off after ${JSON.stringify(whole.slice(0, length).slice(-40))}`);
  }
  execFileSync("sh", [], { input: whole, stdio: "pipe" });
  expect(existsSync(file)).toBe(true);
}, 300_000);

test("a password that sudo does not read is never run as a command", () => {
  const file = directory.join("run");
  const password = `touch ${file}`;
  for (const readsAhead of [false, true]) {
    const privilege = { kind: "sudoWithPassword", password, readsAhead } as const;
    const { argv, opening = "", stdin } = invocation(privilege, "echo script ran\n", 60);
    // What sudo runs if it needs no password: the arguments after its own options.
    const [program = "", ...args] = argv.slice(argv.indexOf("timeout"));
    expect(execFileSync(program, args, { input: opening + stdin, encoding: "utf8" })).toContain("script ran");
    expect(existsSync(file)).toBe(false);
    expect(argv.join(" ")).not.toContain(password);
  }
});
