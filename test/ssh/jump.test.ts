import {
  AuthenticationError,
  type Connection,
  closeAll,
  connectionCount,
  connectionSchema,
  first,
  HostError,
  HostKeyError,
  run,
  sh,
  UnreachableError,
} from "../../provider/remote";
import { startProxy } from "../support/hosts/proxy";
import { failureOf } from "../support/ssh/failure";
import { ensureOpenSsh } from "../support/ssh/openssh";
import { makeKey, Sshd } from "../support/ssh/sshd";

let target: Sshd;
let bastion: Sshd;
let outer: Sshd;
beforeAll(async () => {
  await ensureOpenSsh();
  [target, bastion, outer] = await Promise.all([Sshd.start(), Sshd.start(), Sshd.start()]);
});
afterEach(() => closeAll());
afterAll(() => Promise.all([target, bastion, outer].map((sshd) => sshd?.remove())));

/** Where the connection comes from according to sshd: the port of the host before it. */
async function cameFrom(connection: Connection, credentials = {}): Promise<string | undefined> {
  const script = sh`answer from "$SSH_CONNECTION"`;
  return first(await run({ connection, credentials }, script, { attempt: "look around", timeoutSeconds: 60 }), "from");
}

/** One sshd as a jump host of a connection. */
const hop = (sshd: Sshd) => {
  const { host, port, user, hostKey, privateKeyPath } = sshd.connection();
  return { host, port, user, hostKey, privateKeyPath };
};

test("a chain of jump hosts leads to the host, each with its own host key and login key", async () => {
  const connection = target.connection({ jump: [hop(outer), hop(bastion)] });
  expect(await cameFrom(connection)).toMatch(/^127\.0\.0\.1 /);
  expect(connectionCount()).toBe(3);
});

test("hosts behind the same jump host share its connection", async () => {
  const proxy = await startProxy({ host: "127.0.0.1", port: bastion.port });
  try {
    const jump = [{ ...hop(bastion), port: proxy.port }];
    await Promise.all([cameFrom(target.connection({ jump })), cameFrom(outer.connection({ jump }))]);
    expect(proxy.connections()).toBe(1);
    expect(connectionCount()).toBe(3);
  } finally {
    closeAll();
    await proxy.close();
  }
});

test("a jump host that shows another key, or refuses the login, is named", async () => {
  const jump = [{ ...hop(bastion), hostKey: [target.hostKey()] }];
  const changed = await failureOf(cameFrom(target.connection({ jump })));
  expect(changed).toBeInstanceOf(HostKeyError);
  expect(changed.message).toContain(`the jump host root@127.0.0.1:${bastion.port}: its host key is not in \`hostKey\``);
  const stranger = makeKey(target.directory.join("stranger"));
  const refused = await failureOf(
    cameFrom(target.connection({ jump: [{ ...hop(bastion), privateKeyPath: stranger }] })),
  );
  expect(refused).toBeInstanceOf(AuthenticationError);
  expect(refused.message).toContain(`the jump host root@127.0.0.1:${bastion.port}: the login as root was refused`);
});

test("a host behind a jump host is checked as strictly as any other", async () => {
  const connection = target.connection({ jump: [hop(bastion)], hostKey: [bastion.hostKey()] });
  const failure = await failureOf(cameFrom(connection));
  expect(failure).toBeInstanceOf(HostKeyError);
  expect(failure.message).toContain(`on root@127.0.0.1:${target.port} (via root@127.0.0.1:${bastion.port})`);
});

test("the error names a jump host that cannot reach the host, or the setting if it forwards nothing", async () => {
  const nobody = target.connection({ port: 1, jump: [hop(bastion)] });
  const failure = await failureOf(cameFrom(nobody));
  expect(failure).toBeInstanceOf(UnreachableError);
  expect(failure.message).toContain(
    `the jump host root@127.0.0.1:${bastion.port} cannot connect to it (Connection refused)`,
  );
  const closed = await Sshd.start({ config: ["AllowTcpForwarding no"] });
  try {
    const forbidden = await failureOf(cameFrom(target.connection({ jump: [hop(closed)] })));
    expect(forbidden).toBeInstanceOf(HostError);
    expect(forbidden).not.toBeInstanceOf(UnreachableError);
    expect(forbidden.message).toContain("Set AllowTcpForwarding in its sshd_config");
  } finally {
    await closed.remove();
  }
});

test("losing a jump host fails what runs behind it", async () => {
  const proxy = await startProxy({ host: "127.0.0.1", port: bastion.port });
  try {
    const connection = target.connection({ jump: [{ ...hop(bastion), port: proxy.port }] });
    const result = new Promise((_, reject) => {
      const options = { attempt: "look around", timeoutSeconds: 20, onAnswer: () => proxy.cut() };
      run({ connection }, sh`answer running; sleep 10`, options).catch(reject);
    });
    expect(await failureOf(result)).toBeInstanceOf(UnreachableError);
    expect(await cameFrom(connection)).toMatch(/^127/);
  } finally {
    closeAll();
    await proxy.close();
  }
});

test("ssh_config alone is enough for a chain of ProxyJumps, each host with its own section", async () => {
  const known = target.directory.write(
    "known_hosts",
    [target, bastion, outer].map((sshd) => `${sshd.knownName} ${sshd.hostKey()}\n`).join(""),
  );
  const section = (name: string, sshd: Sshd, ...more: string[]) =>
    [`Host ${name}`, "HostName 127.0.0.1", `Port ${sshd.port}`, `IdentityFile ${sshd.privateKeyPath}`, ...more].join(
      "\n  ",
    );
  const common = `Host *\n  User root\n  IdentityAgent none\n  UserKnownHostsFile ${known}\n`;
  const config = target.directory.write(
    "ssh_config",
    [
      section("web", target, "ProxyJump bastion"),
      section("bastion", bastion, "ProxyJump outer"),
      section("outer", outer),
      common,
    ].join("\n"),
  );
  expect(await cameFrom(connectionSchema.parse({ host: "web", sshConfigFile: config }))).toMatch(/^127/);
  expect(connectionCount()).toBe(3);
  closeAll();
  const explicit = connectionSchema.parse({ host: "web", sshConfigFile: config, jump: "outer" });
  expect(await cameFrom(explicit)).toMatch(/^127/);
  expect(connectionCount()).toBe(2);
  closeAll();
  expect(await cameFrom(connectionSchema.parse({ host: "web", sshConfigFile: config, jump: [] }))).toMatch(/^127/);
  expect(connectionCount()).toBe(1);
});

test("a ProxyJump that leads back to itself is an error that names the fix, or ssh's own if ssh sees it", async () => {
  const failure = async (text: string) => {
    const sshConfigFile = target.directory.write("ssh_config", text);
    closeAll();
    return (await failureOf(cameFrom(connectionSchema.parse({ host: "web", sshConfigFile })))).message;
  };
  expect(await failure("Host bastion\n  HostName 127.0.0.1\nHost *\n  ProxyJump bastion\n")).toContain(
    "ProxyJump seems to refer back to itself. Exclude the jump host in ssh_config, as in: Host * !bastion",
  );
  expect(await failure("Host *\n  ProxyJump bastion\n")).toMatch(
    /-- bastion` ended with exit status 255\. Correct what ssh reports here\..*\n {2}jumphost loop via bastion$/,
  );
});

test("a proxy command leads to the host, and its output is shown when it fails", async () => {
  const forward = `${process.execPath} -e 'const s=require("net").connect(%p,"%h");process.stdin.pipe(s).pipe(process.stdout)'`;
  expect(await cameFrom(target.connection({ proxyCommand: forward }))).toMatch(/^127/);
  const failure = await failureOf(
    cameFrom(target.connection({ proxyCommand: "sh -c 'echo no way to %h >&2; exit 1'" })),
  );
  expect(failure).toBeInstanceOf(UnreachableError);
  expect(failure.message).toContain("no way to 127.0.0.1");
});

test("the host's password is not sent to a jump host", async () => {
  const stranger = makeKey(bastion.directory.join("stranger"));
  const jump = [{ ...hop(bastion), privateKeyPath: stranger }];
  const failure = await failureOf(cameFrom(target.connection({ jump }), { password: "open sesame" }));
  expect(failure.message).toContain("not tried: no password is given");
  expect(failure.message).not.toContain("open sesame");
});
