import { existsSync } from "node:fs";
import * as os from "node:os";
import { delimiter } from "node:path";
import fc from "fast-check";
import { closeAll, connectionSchema } from "../../../provider/remote";
import { DialFailure } from "../../../provider/remote/errors/dial-failure";
import { resolve } from "../../../provider/remote/ssh-config/resolve";
import { DEFAULT_KEYS } from "../../../provider/remote/ssh-config/settings";
import { Directory } from "../../support/ssh/directory";
import { ensureOpenSsh, sshG } from "../../support/ssh/openssh";

jest.mock("node:os", () => ({ ...jest.requireActual<typeof os>("node:os"), homedir: jest.fn() }));

const { homedir: home } = os.userInfo();
const { PATH } = process.env;
let directory: Directory;
beforeAll(ensureOpenSsh, 300_000);
beforeEach(() => {
  directory = new Directory();
  jest.mocked(os.homedir).mockReturnValue(home);
});
afterEach(() => {
  process.env.PATH = PATH;
  closeAll();
  directory.remove();
});

/** What results from a text of ssh_config for a host. */
function from(text: string, host = "web", more: object = {}) {
  const sshConfigFile = directory.write("config", text);
  closeAll();
  return resolve(connectionSchema.parse({ host, sshConfigFile, ...more }));
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DialFailure) return `${error.parts.happened}. ${error.parts.advice}\n${error.parts.details}`;
  throw new Error(`not a DialFailure: ${error}`);
}

test("keywords, tokens and tildes mean what they mean to ssh", async () => {
  const found = await from(`
Host web
  HostName %h.Example.com
  Port=2222
  User ops
  IdentityFile "/keys/with space"
  IdentityFile ~/.ssh/%r@%n_%h # a comment
  CertificateFile %d/%L
  IdentitiesOnly yes
  IdentityAgent ~/agent_%r
  HostKeyAlias Known
  UserKnownHostsFile "/k/with space" ~/kh_%h /k/b
  GlobalKnownHostsFile none
  RevokedHostKeys ~/revoked_%k
  HashKnownHosts yes
  StrictHostKeyChecking accept-new
  ConnectTimeout 1m30s
  ServerAliveInterval 2m
  ServerAliveCountMax 5
  ProxyCommand ssh -W '%h:%p' "x y"
Host *
  User other
  Port 7
`);
  expect(found).toMatchObject({
    host: "web.example.com",
    port: 2222,
    user: "ops",
    identityFiles: ["/keys/with space", `${home}/.ssh/ops@web_web.example.com`],
    identityFilesNamed: true,
    certificateFiles: [expect.stringMatching(`^${home}/\\w`)],
    identitiesOnly: true,
    agent: `${home}/agent_ops`,
    hostKeyAlias: "known",
    knownHostsFiles: ["/k/with space", `${home}/kh_web.example.com`, "/k/b"],
    revokedHostKeys: `${home}/revoked_known`,
    hashKnownHosts: true,
    hostKeyChecking: "accept-new",
    dialSeconds: 90,
    keepAlive: { seconds: 120, count: 5 },
    proxyCommand: `ssh -W 'web.example.com:2222' "x y"`,
  });
});

test("without a setting there are ssh's defaults, and no missing key is worth a word", async () => {
  const none = await resolve(connectionSchema.parse({ host: "web", sshConfigFile: "none" }));
  expect(await from("")).toEqual(none);
  expect(none).toMatchObject({
    identityFiles: DEFAULT_KEYS.map((file) => file.replace("~", home)),
    identityFilesNamed: false,
    dialSeconds: 15,
    keepAlive: { seconds: 12, count: 3 },
  });
  expect((await from("IdentityFile ~/.ssh/id_work\n")).identityFilesNamed).toBe(true);
  expect(await from("IdentityFile none\nIdentityAgent none\n")).toMatchObject({ identityFiles: [], agent: undefined });
});

test("the home directory of ssh_config is that of passwd(5), that of the program is HOME", async () => {
  jest.mocked(os.homedir).mockReturnValue(directory.path);
  directory.write(".ssh/config", "User nobody\n");
  const found = await from("IdentityFile ~/.ssh/a\nUserKnownHostsFile ~/known\nGlobalKnownHostsFile ~/system\n");
  expect(found).toMatchObject({
    identityFiles: [`${home}/.ssh/a`],
    knownHostsFiles: [`${home}/known`, `${home}/system`],
  });
  const own = await from("", "web", { privateKeyPath: "~/key", knownHostsFile: "~/known" });
  expect(own).toMatchObject({ identityFiles: [directory.join("key")], knownHostsFiles: [directory.join("known")] });
  const byPath = await resolve(connectionSchema.parse({ host: "web", sshConfigFile: "~/.ssh/config" }));
  expect(byPath.user).toBe("nobody");
});

test("`Match` sees the user of the connection, and runs commands", async () => {
  const text = `
Match user deploy exec "test %n%r%p = webdeploy2222"
  HostName deploying
Match user ops
  HostName operating
Match final host operating
  Port 4444
`;
  expect((await from(text, "web", { user: "deploy", port: 2222 })).host).toBe("deploying");
  expect((await from(text, "web", { user: "deploy" })).host).toBe("web");
  expect(await from(text, "web", { user: "ops" })).toMatchObject({ host: "operating", port: 4444 });
});

test("included files count in their place, even under a section that does not match", async () => {
  directory.write("conf.d/10-a.conf", "Match final all\n");
  directory.write("conf.d/20-b.conf", "Host *\n  Port 4444\n");
  directory.write("conf.d/ignored.txt", "Port 5555\n");
  const include = `Include ${directory.path}/conf.d/*.conf "${directory.path}/nothing here"\n`;
  expect((await from(`${include}Port 6666\n`)).port).toBe(4444);
  const elsewhere = await from(`Host other\n  ${include}Match canonical\n  User ops\nHost *\n  Port 6666\n`);
  expect(elsewhere).toMatchObject({ user: "ops", port: 6666 });
});

test("a name is canonical if CanonicalizeHostname says so, but not behind a jump host of the program", async () => {
  // In the place of a name server. ssh asks for names with a dot at their end.
  const hosts = directory.write("hosts", "127.0.0.1 localhost\n127.0.0.9 web.test.example.\n");
  const mount = `mount --bind ${hosts} /etc/hosts && exec /usr/bin/ssh "$@"`;
  directory.write("bin/ssh", `#!/bin/sh\nexec unshare --mount sh -c '${mount}' ssh "$@"\n`, 0o755);
  process.env.PATH = [directory.join("bin"), PATH].join(delimiter);
  const text = `
CanonicalizeHostname yes
CanonicalDomains other.example test.example
Match canonical host web.test.example
  User ops
`;
  expect(await from(text)).toMatchObject({ host: "web.test.example", user: "ops" });
  const behind = await from(text, "web", { jump: [{ host: "127.0.0.1" }] });
  expect(behind.host).toBe("web");
});

test("a way of the program's own replaces that of ssh_config, and also a loop there", async () => {
  const text = "Host *\n  ProxyJump web\n";
  expect(await failureOf(from(text))).toMatch(
    /`ssh -G -F \S+ -- web` ended with exit status 255[\s\S]*jumphost loop via web/,
  );
  expect(await from(text, "web", { jump: [] })).toMatchObject({ via: undefined, proxyCommand: undefined });
  const command = await from(text, "web", { proxyCommand: "nc %h %p" });
  expect(command).toMatchObject({ via: undefined, proxyCommand: "nc web 22" });
});

test("each hop of ProxyJump has its own section", async () => {
  const found = await from(`
Host web
  ProxyJump outer,deploy@10.0.0.7:2222
Host outer
  HostName outer.example
  ProxyJump first
Host 10.0.0.7
  IdentityFile /keys/inner
Match user deploy
  HostKeyAlias inner
`);
  expect(found.via).toMatchObject({
    host: "10.0.0.7",
    port: 2222,
    user: "deploy",
    identityFiles: ["/keys/inner"],
    hostKeyAlias: "inner",
    via: { host: "outer.example", via: { host: "first", via: undefined } },
  });
});

test("a line that ssh does not understand is an error in ssh's words, as is a file that is not there", async () => {
  const bad = await failureOf(from("Host web\n  Prot 22\n"));
  expect(bad).toContain("config: line 2: Bad configuration option: prot");
  expect(bad).toContain("Correct what ssh reports here.");
  const missing = resolve(connectionSchema.parse({ host: "web", sshConfigFile: directory.join("missing") }));
  expect(await failureOf(missing)).toContain("No such file or directory");
});

test.each(["-oProxyCommand=touch COULD", "$(touch COULD)", "`touch COULD`", "web;touch COULD"])(
  "a host named %j runs nothing, by no `Match exec` and no ProxyCommand",
  async (name) => {
    const could = directory.join("could");
    const host = name.replace("COULD", could).replaceAll(" ", "${IFS}");
    const text = 'Match exec "test -n %h"\n  User x\nHost *\n  ProxyCommand nc %h %p\n';
    const sshConfigFile = directory.write("config", text);
    expect(await failureOf(resolve({ host, sshConfigFile }))).toContain("cannot be the name of a host: it ");
    expect(await failureOf(resolve({ host: "web", user: host, sshConfigFile }))).toContain("the name of a user: it ");
    expect(existsSync(could)).toBe(false);
  },
);

/** What both say about a configuration, in one shape. */
interface Understood {
  readonly [key: string]: string | readonly string[] | number | undefined;
}

function byOpenSsh(text: string, host: string): Understood {
  const values = sshG(directory.write("config", text), host);
  const one = (keyword: string) => values.get(keyword)?.[0];
  return {
    host: one("hostname"),
    port: Number(one("port")),
    user: one("user"),
    identityFiles: values.get("identityfile")?.length,
    certificateFiles: values.get("certificatefile")?.length ?? 0,
    identitiesOnly: one("identitiesonly"),
    hostKeyAlias: one("hostkeyalias"),
    checking: one("stricthostkeychecking")?.replace("true", "ask"),
    knownHosts: one("userknownhostsfile"),
    connectTimeout: Number(one("connecttimeout")?.replace("none", "0")),
    aliveInterval: Number(one("serveraliveinterval")),
    aliveCount: Number(one("serveralivecountmax")),
    viaProxy: one("proxyjump") !== undefined || one("proxycommand") !== undefined ? "yes" : "no",
  };
}

async function byThisPackage(text: string, host: string): Promise<Understood> {
  const resolved = await from(text, host);
  return {
    host: resolved.host,
    port: resolved.port,
    user: resolved.user,
    identityFiles: resolved.identityFiles.length,
    certificateFiles: resolved.certificateFiles.length,
    identitiesOnly: resolved.identitiesOnly ? "yes" : "no",
    hostKeyAlias: resolved.hostKeyAlias,
    checking: { strict: "ask", "accept-new": "accept-new", off: "false" }[resolved.hostKeyChecking],
    knownHosts: resolved.knownHostsFiles.filter((path) => !path.startsWith("/etc/ssh/")).join(" "),
    connectTimeout: resolved.dialSeconds === 15 ? 0 : resolved.dialSeconds,
    aliveInterval: resolved.keepAlive.seconds === 12 ? 0 : resolved.keepAlive.seconds,
    aliveCount: resolved.keepAlive.count,
    viaProxy: resolved.via !== undefined || resolved.proxyCommand !== undefined ? "yes" : "no",
  };
}

const hosts = ["web", "web1", "db.example.com", "A-b"];
const pattern = fc.constantFrom("web", "web*", "web?", "*", "*.example.com", "!web1", "a-?", "WEB");
const file = fc.constantFrom("~/.ssh/id_a", "/keys/%h", '"/keys/with space"', "'/keys/single'", "/keys/a\\ b");
const setting = fc.oneof(
  fc.constantFrom("HostName %h.example.com", "hostname 10.0.0.1", "HostName=Other.Example.COM"),
  fc.constantFrom("Port 2222", "port=22", "User ops", "User root"),
  fc.tuple(fc.constantFrom("IdentityFile", "CertificateFile"), file).map((words) => words.join(" ")),
  fc.constantFrom("IdentitiesOnly yes", "HostKeyAlias known", "UserKnownHostsFile /k/a /k/b"),
  fc.constantFrom("yes", "no", "off", "ask", "accept-new").map((value) => `StrictHostKeyChecking ${value}`),
  fc.constantFrom('UserKnownHostsFile "/k/with space"', "ConnectTimeout 1m30s", "ServerAliveInterval 1m"),
  fc.constantFrom("ServerAliveCountMax 5", "ProxyJump none", "ProxyCommand nc %h %p # note", "ProxyCommand none"),
);
const section = fc.oneof(
  fc.array(pattern, { minLength: 1, maxLength: 3 }).map((list) => `Host ${list.join(" ")}`),
  fc.constantFrom("Match user ops", "Match final all", "Match !host web exec true", "Match all"),
);
const lines = fc.array(fc.oneof({ weight: 3, arbitrary: setting }, { weight: 1, arbitrary: section }), {
  maxLength: 14,
});

test("nothing that ssh -G says is lost on the way", async () => {
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom(...hosts), async (text, host) => {
      const config = `${text.join("\n")}\n`;
      expect(await byThisPackage(config, host)).toEqual(byOpenSsh(config, host));
    }),
    { numRuns: 60 },
  );
}, 300_000);

test("hundreds of hosts are asked for at the same time", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `web${index}`);
  const sshConfigFile = directory.write("config", "HostName %h.example.com\n");
  const found = await Promise.all(names.map((host) => resolve({ host, sshConfigFile })));
  expect(found.map(({ host }) => host)).toEqual(names.map((name) => `${name}.example.com`));
}, 300_000);
