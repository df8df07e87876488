import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Answer,
  type Connection,
  closeAll,
  connectionCount,
  dialCount,
  lines,
  type RunOptions,
  run,
  type Script,
  sh,
} from "../../provider/remote";
import { startProxy, type TcpProxy } from "../support/hosts/proxy";
import { root } from "../support/root";
import { failureOf } from "../support/ssh/failure";
import { ensureOpenSsh } from "../support/ssh/openssh";
import { makeKey, Sshd } from "../support/ssh/sshd";

let sshd: Sshd;
let proxy: TcpProxy;
let sockets: string;
beforeAll(async () => {
  await ensureOpenSsh();
  sshd = await Sshd.start();
  // Tests that run at the same time have sockets, too.
  sockets = sshd.directory.join("sockets");
  mkdirSync(sockets);
  process.env.XDG_RUNTIME_DIR = sockets;
});
beforeEach(async () => {
  proxy = await startProxy({ host: "127.0.0.1", port: sshd.port });
});
afterEach(async () => {
  closeAll();
  await proxy?.close();
});
afterAll(() => sshd?.remove());

/** What ssh alone knows: its known_hosts file has the key of this sshd. */
function connection(changes: Partial<Connection> = {}): Connection {
  const { hostKey: _, ...rest } = sshd.connection();
  sshd.directory.write("known_hosts", `${sshd.knownName} ${sshd.hostKey()}\n`);
  return { ...rest, sshConfigFile: "none", knownHostsFile: sshd.knownHostsFile, client: "openssh", ...changes };
}

const throughProxy = (): Connection => {
  sshd.directory.write("known_hosts", `[127.0.0.1]:${proxy.port} ${sshd.hostKey()}\n`);
  return { ...connection(), ...{ port: proxy.port, knownHostsFile: sshd.directory.join("known_proxy") } };
};

function runOn(one: Connection, script: Script, options: Partial<RunOptions> = {}, parallel?: number) {
  return run({ connection: one, parallel }, script, { attempt: "look around", timeoutSeconds: 60, ...options });
}

const hello = sh`answer hello "$(id -u)"`;
const said = (answers: readonly Answer[]) => answers.map(({ key, values }) => [key, ...values]);

test("the user's own ssh runs scripts, many over one connection", async () => {
  const before = dialCount();
  const answers = await Promise.all(Array.from({ length: 12 }, () => runOn(connection(), hello)));
  expect(answers.map(said)).toEqual(Array.from({ length: 12 }, () => [["hello", "0"]]));
  expect([dialCount() - before, connectionCount()]).toEqual([1, 1]);
  expect(
    spawnSync("pgrep", ["-fc", `ssh .*-p ${sshd.port} .*ControlMaster=yes`])
      .stdout.toString()
      .trim(),
  ).toBe("1");
});

test("a large script arrives whole, and its status and errors come back", async () => {
  const big = "x".repeat(300_000);
  expect(said(await runOn(connection(), sh`text=${big}; answer size "\${#text}"`))).toEqual([["size", "300000"]]);
  await expect(runOn(connection(), sh`echo wrong >&2; exit 3`)).rejects.toMatchObject({
    message: expect.stringMatching(/exit status 3.*wrong/s),
  });
  await expect(runOn(connection(), sh`exit 255`)).rejects.toThrow(/exit status 255/);
  await expect(runOn(connection(), sh`sleep 60`, { timeoutSeconds: 1 })).rejects.toThrow(/still running after 1 s/);
});

test("an unknown and a changed key of the host are refused in ssh's own words", async () => {
  const unknown = connection({ knownHostsFile: sshd.directory.write("empty", "") });
  expect(await failureOf(runOn(unknown, hello))).toMatchObject({
    name: "HostKeyError",
    message: expect.stringMatching(/Host key verification failed/),
  });
  const other = makeKey(sshd.directory.join("other"));
  const key = spawnSync("cat", [`${other}.pub`]).stdout.toString();
  const changed = connection({ knownHostsFile: sshd.directory.write("changed", `${sshd.knownName} ${key}`) });
  expect((await failureOf(runOn(changed, hello))).message).toMatch(/IDENTIFICATION HAS CHANGED/);
});

test("a refused login is an error of its own kind, with what to do, and is not tried again", async () => {
  const before = dialCount();
  const refused = connection({ privateKeyPath: makeKey(sshd.directory.join("stranger")), agent: false });
  expect(await failureOf(runOn(refused, hello))).toMatchObject({
    name: "AuthenticationError",
    message: expect.stringMatching(/Permission denied.*must not ask for anything/s),
  });
  expect(dialCount() - before).toBe(1);
});

test("KnownHostsCommand of ssh_config decides, which only OpenSSH knows", async () => {
  const file = sshd.directory.write(
    "config",
    `Host web1\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  IdentityFile ${sshd.privateKeyPath}\n` +
      `  KnownHostsCommand /bin/echo %H ${sshd.hostKey()}\n  RemoteCommand echo no\n  RequestTTY force\n  LogLevel QUIET\n`,
  );
  const alias: Connection = { host: "web1", user: "root", sshConfigFile: file, client: "openssh" };
  expect(said(await runOn(alias, hello))).toEqual([["hello", "0"]]);
});

test("a lost connection is an error for what runs, and the next operation connects again", async () => {
  const lost = throughProxy();
  sshd.directory.write("known_proxy", `[127.0.0.1]:${proxy.port} ${sshd.hostKey()}\n`);
  const running = runOn(lost, lines([sh`answer running; sleep 30`]), { onAnswer: () => proxy.cut() });
  await expect(running).rejects.toThrow(/the connection was lost while it ran/);
  proxy.resume();
  expect(said(await runOn(lost, hello))).toEqual([["hello", "0"]]);
});

test("an sshd with room for fewer sessions gets fewer at once", async () => {
  const narrow = await Sshd.start({ config: ["MaxSessions 3"] });
  try {
    narrow.directory.write("known_hosts", `${narrow.knownName} ${narrow.hostKey()}\n`);
    const { hostKey: _, ...rest } = narrow.connection();
    const one: Connection = {
      ...rest,
      sshConfigFile: "none",
      knownHostsFile: narrow.knownHostsFile,
      client: "openssh",
    };
    const many = Array.from({ length: 8 }, () => runOn(one, sh`sleep 0.2; answer done`, {}, 8));
    expect((await Promise.all(many)).map(said)).toEqual(Array.from({ length: 8 }, () => [["done"]]));
  } finally {
    closeAll();
    await narrow.remove();
  }
});

test("a host that sends without end costs only that session, and is named", async () => {
  const one = connection();
  const quiet = runOn(one, sh`sleep 3; answer still`);
  const endless = await failureOf(runOn(one, sh`yes >&2`));
  expect(endless.message).toMatch(/more than 64 MiB/);
  expect(said(await quiet)).toEqual([["still"]]);
});

test("what ssh cannot be given is refused with where to write it", async () => {
  for (const more of [
    { hostKey: [sshd.hostKey()] },
    { agentIdentity: "me" },
    { jump: [{ host: "a", agent: false }] },
  ]) {
    await expect(runOn(connection(more), hello)).rejects.toThrow(/cannot be given .*Put it where ssh looks/s);
  }
  const target = { connection: connection(), credentials: { privateKey: "a key" } };
  await expect(run(target, hello, { attempt: "look around", timeoutSeconds: 60 })).rejects.toThrow(
    /cannot be given privateKey of the credentials/,
  );
});

describe("no ssh is left", () => {
  const gone = async () => {
    while (spawnSync("pgrep", ["-f", `ssh .*-p ${sshd.port} `]).stdout.toString() !== "") await wait(50);
    expect(readdirSync(sockets).flatMap((name) => readdirSync(join(sockets, name)))).toEqual([]);
  };
  const operation = () => {
    const program = join(root, "test", "support", "ssh", "one-operation.ts");
    return spawn(process.execPath, ["--import", "tsx", program, JSON.stringify(connection())], {
      cwd: root,
      env: process.env,
    });
  };

  test("once a connection is closed", async () => {
    await runOn(connection(), hello);
    closeAll();
    await gone();
  });

  test("when a process with an idle connection ends, which it does by itself", async () => {
    const child = operation();
    const [printed] = await once(child.stdout, "data");
    await once(child, "exit");
    expect(JSON.parse(String(printed))).toEqual({ open: 1, idleAtExit: true });
    await gone();
  });

  test("when the process is killed", async () => {
    const child = operation();
    while (spawnSync("pgrep", ["-f", `ssh .*-p ${sshd.port} `]).stdout.toString() === "") await wait(20);
    child.kill("SIGKILL");
    await once(child, "exit");
    await gone();
  });
});
