import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Answer,
  AuthenticationError,
  type Connection,
  closeAll,
  connectionCount,
  DeadlineError,
  dialCount,
  first,
  lines,
  type RunOptions,
  run,
  type Script,
  sh,
  UnreachableError,
} from "../../provider/remote";
import { startProxy, type TcpProxy } from "../support/hosts/proxy";
import { root } from "../support/root";
import { failureOf } from "../support/ssh/failure";
import { ensureOpenSsh } from "../support/ssh/openssh";
import { makeKey, Sshd } from "../support/ssh/sshd";
import { endSurvivors, survivor, untilSurvivorsAreGone } from "../support/survivor";

let sshd: Sshd;
let proxy: TcpProxy;
beforeAll(async () => {
  await ensureOpenSsh();
  sshd = await Sshd.start();
});
beforeEach(async () => {
  proxy = await startProxy({ host: "127.0.0.1", port: sshd.port });
});
afterEach(async () => {
  closeAll();
  await proxy?.close();
});
afterAll(() => sshd?.remove());

const throughProxy = (changes: Partial<Connection> = {}) => sshd.connection({ port: proxy.port, ...changes });

function runOn(
  connection: Connection,
  script: Script,
  options: Partial<RunOptions> = {},
  parallel?: number,
): Promise<Answer[]> {
  return run({ connection, parallel }, script, { attempt: "look around", timeoutSeconds: 60, ...options });
}

const hello = sh`answer hello`;

/** A script that reports that it runs, and then waits for the file. */
const until = (file: string) => sh`answer running; while ! [ -e ${file} ]; do sleep 0.05; done; answer done`;

/** Prints the process of another session of the same connection that waits for a command; fails if there is none. */
const anotherSession = sh`pgrep -P "$(ps -o ppid= -p "$PPID" | tr -d ' ')" -f 'read -r command'`;

/** Runs a script until its first answer. */
async function begun(connection: Connection, script: Script, options: Partial<RunOptions> = {}) {
  let result: Promise<Answer[]> = Promise.resolve([]);
  await new Promise<void>((resolve, reject) => {
    result = runOn(connection, script, { ...options, onAnswer: () => resolve() });
    result.catch(reject);
  });
  return { result };
}

describe("one connection", () => {
  test("is shared by all operations, even simultaneous ones", async () => {
    const before = dialCount();
    await Promise.all(Array.from({ length: 30 }, () => runOn(throughProxy(), hello)));
    await runOn(throughProxy(), hello);
    expect(proxy.connections()).toBe(1);
    expect(dialCount()).toBe(before + 1);
    expect(connectionCount()).toBe(1);
  });

  test("is not shared by connections with another policy, key or privilege", async () => {
    const key = sshd.hostKey();
    const known = sshd.directory.write("known_hosts", `[127.0.0.1]:${proxy.port} ${key}\n`);
    const strict = throughProxy();
    const others: Partial<Connection>[] = [
      { hostKeyChecking: "off" },
      { hostKey: undefined, knownHostsFile: known },
      { keepAliveSeconds: 20 },
    ];
    await runOn(strict, hello);
    for (const changes of others) await runOn({ ...strict, ...changes }, hello);
    const failure = await failureOf(
      runOn({ ...strict, privateKeyPath: makeKey(sshd.directory.join("unknown")) }, hello),
    );
    expect(failure).toBeInstanceOf(AuthenticationError);
    expect(proxy.connections()).toBe(5);
  });

  test("carries at most six operations at once, or as many as the target says", async () => {
    for (const [parallel, most] of [
      [undefined, 6],
      [2, 2],
      [1, 1],
    ] as const) {
      const running = sshd.directory.write("running", "");
      const started = sshd.directory.write("started", "");
      const locked = (script: Script) => sh`exec 9>${sshd.directory.join("lock")}; flock 9; ${script}; flock -u 9`;
      const script = sh`
        ${locked(sh`echo x >>${running}; echo x >>${started}; answer now "$(wc -l <${running})"`)}
        while [ "$(wc -l <${started})" -lt ${most} ]; do sleep 0.05; done
        ${locked(sh`sed -i 1d ${running}`)}
      `;
      const results = await Promise.all(Array.from({ length: 12 }, () => runOn(throughProxy(), script, {}, parallel)));
      expect(Math.max(...results.map((answers) => Number(first(answers, "now"))))).toBe(most);
    }
    expect(proxy.connections()).toBe(1);
  });

  test("keeps a session ready: a script starts even if no answer from the host gets through", async () => {
    const file = sshd.directory.join("no-answer-needed");
    await runOn(throughProxy(), sh`until ${anotherSession}; do sleep 0.05; done`);
    proxy.stall("answers");
    const result = runOn(throughProxy(), sh`touch ${file}; answer hello`);
    while (!existsSync(file)) await wait(20);
    proxy.resume();
    expect(await result).toHaveLength(1);
  });

  test("opens another session in place of a waiting one that ended", async () => {
    await runOn(
      throughProxy(),
      sh`
        until ${anotherSession}; do sleep 0.05; done
        session=$(${anotherSession})
        kill "$session"
        # A session that sshd has not yet waited for can still be sent a signal.
        while kill -0 "$session" 2>/dev/null; do sleep 0.05; done
      `,
    );
    expect(await runOn(throughProxy(), hello)).toHaveLength(1);
    expect(proxy.connections()).toBe(1);
  });

  test("reports how a login shell ended at once, even if this process is busy and sees it all together", async () => {
    const closed = await Sshd.start({ config: ["ForceCommand echo nobody logs in here; exit 3"] });
    const busy = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300), 1);
    try {
      for (let round = 0; round < 5; round += 1) {
        const failure = await failureOf(runOn(closed.connection(), hello));
        expect(failure.message).toContain("no script could be started there (exit status 3)");
        expect(failure.message).toContain("nobody logs in here");
      }
    } finally {
      clearInterval(busy);
      await closed.remove();
    }
  });

  test("waits instead of failing if the host allows fewer sessions", async () => {
    const narrow = await Sshd.start({ config: ["MaxSessions 2"] });
    try {
      const results = await Promise.all(
        Array.from({ length: 12 }, () => runOn(narrow.connection(), sh`sleep 0.1; answer hello`)),
      );
      expect(results).toHaveLength(12);
    } finally {
      await narrow.remove();
    }
  });

  test("fails with the name of the setting if the host allows no session at all", async () => {
    const narrow = await Sshd.start({ config: ["MaxSessions 0"] });
    try {
      const failure = await failureOf(runOn(narrow.connection(), hello));
      expect(failure.message).toContain("Check MaxSessions in its sshd_config.");
    } finally {
      await narrow.remove();
    }
  });
});

describe("a lost connection", () => {
  test("fails what runs on it, and the next operation dials again", async () => {
    const { result } = await begun(throughProxy(), until("/nowhere/never"), { timeoutSeconds: 20 });
    proxy.cut();
    const failure = await failureOf(result);
    expect(failure).toBeInstanceOf(UnreachableError);
    expect(failure.message).toContain("the connection was lost while it ran");
    await runOn(throughProxy(), hello);
    expect(proxy.connections()).toBe(2);
  });

  test("is made again for an operation that may run twice", async () => {
    const file = sshd.directory.join("go-on");
    const { result } = await begun(throughProxy(), until(file), { retry: true });
    proxy.cut();
    sshd.directory.write("go-on", "");
    expect(first(await result, "done")).toBeUndefined();
    expect((await result).map(({ key }) => key)).toEqual(["running", "done"]);
    expect(proxy.connections()).toBe(2);
  });

  test("is detected by keep-alive if it falls silent", async () => {
    const { result } = await begun(throughProxy({ keepAliveSeconds: 0.2 }), until("/nowhere/never"), {
      timeoutSeconds: 20,
    });
    proxy.stall();
    const failure = await failureOf(result);
    expect(failure).toBeInstanceOf(UnreachableError);
    expect(failure.message).toMatch(/the host did not answer for 0\.6/);
  });

  test("reports that the host is silent, and when it answers again", async () => {
    const seen: string[] = [];
    const file = sshd.directory.join("heard-again");
    const options = { timeoutSeconds: 120, onWaiting: (text: string) => seen.push(text) };
    const { result } = await begun(throughProxy({ keepAliveSeconds: 30 / 4 }), until(file), options);
    proxy.stall();
    while (seen.length === 0) await wait(20);
    expect(seen).toEqual([`root@127.0.0.1:${proxy.port} has not answered for 5 s`]);
    proxy.resume();
    while (seen.length === 1) await wait(20);
    sshd.directory.write("heard-again", "");
    expect((await result).map(({ key }) => key)).toEqual(["running", "done"]);
    expect(seen.at(-1)).toBe(`root@127.0.0.1:${proxy.port} answers again`);
    expect(proxy.connections()).toBe(1);
  });

  test("is made again for a limited time, which is reported, and then the error says both", async () => {
    const seen: string[] = [];
    const dial = { timeoutSeconds: 2, reconnectSeconds: 6 };
    const options = { timeoutSeconds: 120, retry: true, onWaiting: (text: string) => seen.push(text) };
    const { result } = await begun(throughProxy({ keepAliveSeconds: 0.5, dial }), until("/nowhere/never"), options);
    proxy.stall();
    const failure = await failureOf(result);
    expect(failure).toBeInstanceOf(UnreachableError);
    expect(failure.message).toMatch(
      /the connection was lost \(the host did not answer for 1\.5 s\), and there is no other one: it did not answer within \d s.*\. Check that it is up.*Then run `pulumi up` again: what is already done is found and kept\.$/,
    );
    expect(seen).toContainEqual(expect.stringMatching(/^the connection to \S+ was lost; connecting again, \d+ s$/));
  });

  test("settles the operation, wherever in the login or the script it is lost", async () => {
    for (let bytes = 200; bytes < 9000; bytes += 400) {
      const cutting = await startProxy({ host: "127.0.0.1", port: sshd.port, cutAfterBytes: bytes });
      try {
        const connection = sshd.connection({ port: cutting.port });
        const outcome = await runOn(connection, hello).then(
          (answers) => answers,
          (error) => error,
        );
        if (!Array.isArray(outcome)) expect(outcome).toBeInstanceOf(UnreachableError);
      } finally {
        closeAll();
        await cutting.close();
      }
    }
  });

  test("runs nothing of a script that has not arrived completely", async () => {
    const file = sshd.directory.join("touched");
    const padding = "x".repeat(400_000);
    const cutting = await startProxy({ host: "127.0.0.1", port: sshd.port, cutAfterBytes: 200_000 });
    try {
      const script = sh`touch ${file}; : ${padding}`;
      expect(await failureOf(runOn(sshd.connection({ port: cutting.port }), script))).toBeInstanceOf(UnreachableError);
      await runOn(sshd.connection(), hello);
      expect(existsSync(file)).toBe(false);
    } finally {
      await cutting.close();
    }
  });
});

describe("an unreachable host", () => {
  test("is tried as often as the connection says, and then not again at once", async () => {
    await proxy.close();
    const dial = { retries: 2, timeoutSeconds: 60 };
    const before = dialCount();
    const failure = await failureOf(runOn(throughProxy({ dial }), hello));
    expect(failure).toBeInstanceOf(UnreachableError);
    expect(failure.message).toMatch(
      /nothing listens on its port \d+ \(3 tries in \d+ s\)\. Check that sshd runs there/,
    );
    expect(dialCount()).toBe(before + 3);
    await failureOf(runOn(throughProxy({ dial }), hello));
    expect(dialCount()).toBe(before + 3);
    proxy = await startProxy({ host: "127.0.0.1", port: sshd.port });
  });

  test("is reached if it comes up during the tries", async () => {
    const late = await Sshd.start();
    try {
      await late.stop();
      const result = runOn(late.connection({ dial: { retries: 20, timeoutSeconds: 60 } }), hello);
      await late.start();
      expect(await result).toHaveLength(1);
    } finally {
      await late.remove();
    }
  });

  test("is given up at the timeout of a try if it does not answer", async () => {
    proxy.stall();
    const failure = await failureOf(runOn(throughProxy({ dial: { retries: 0, timeoutSeconds: 0.5 } }), hello));
    expect(failure).toBeInstanceOf(UnreachableError);
    expect(failure.message).toContain("it did not answer within 0.5 s. Check that it is up");
  });

  test("is reported at once if its name has no address and is no domain name", async () => {
    const failure = await failureOf(runOn(throughProxy({ host: "no-such-alias", dial: undefined }), hello));
    expect(failure).toBeInstanceOf(UnreachableError);
    expect(failure.message).toContain('there is no address for the name "no-such-alias"');
    expect(failure.message).toContain("`Host` section");
  });
});

describe("a deadline", () => {
  test("ends the script on the host, along with what it started", async () => {
    const script = lines([survivor, sh`sleep 100`]);
    const failure = await failureOf(runOn(throughProxy(), script, { timeoutSeconds: 1 }));
    expect(failure).toBeInstanceOf(DeadlineError);
    expect(failure.message).toContain("it was still running after 1 s and was stopped");
    await runOn(throughProxy(), untilSurvivorsAreGone);
  });

  test("does not include the time in the queue", async () => {
    const results = Array.from({ length: 4 }, () =>
      runOn(throughProxy(), sh`sleep 3; answer hello`, { timeoutSeconds: 8 }, 1),
    );
    expect(await Promise.all(results)).toHaveLength(4);
  });
});

test("a leftover process that holds the script's output open does not delay the answer", async () => {
  expect(await runOn(throughProxy(), lines([survivor, sh`answer hello`]), { timeoutSeconds: 30 })).toHaveLength(1);
  await runOn(throughProxy(), endSurvivors);
});

test("an idle connection does not keep the process running", () => {
  const program = join(root, "test", "support", "ssh", "one-operation.ts");
  const connection = JSON.stringify(sshd.connection());
  const result = spawnSync(process.execPath, ["--require", "tsx/cjs", program, connection], {
    encoding: "utf8",
    timeout: 100_000,
  });
  expect(result.stderr).toBe("");
  expect(JSON.parse(result.stdout)).toEqual({ open: 1, idleAtExit: true });
  expect(result.status).toBe(0);
});
