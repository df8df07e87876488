import fc from "fast-check";
import { connectionSchema } from "../../../provider/remote";
import type { Effective } from "../../../provider/remote/ssh-config/effective";
import { readSshConfig } from "../../../provider/remote/ssh-config/read";
import { resolve } from "../../../provider/remote/ssh-config/resolve";
import { Directory } from "../../support/ssh/directory";
import { ensureOpenSsh, sshG } from "../../support/ssh/openssh";

let directory: Directory;
beforeAll(ensureOpenSsh, 300_000);
beforeEach(() => {
  directory = new Directory();
});
afterEach(() => directory.remove());

/** What both read from a configuration, in one shape. */
interface Understood {
  readonly [key: string]: string | readonly string[] | number | undefined;
}

function byOpenSsh(file: string, host: string): Understood {
  const values = sshG(file, host);
  const one = (keyword: string) => values.get(keyword)?.[0];
  return {
    host: one("hostname"),
    port: Number(one("port")),
    user: one("user"),
    identityFiles: values.get("identityfile"),
    certificateFiles: values.get("certificatefile") ?? [],
    identitiesOnly: one("identitiesonly"),
    hostKeyAlias: one("hostkeyalias"),
    checking: one("stricthostkeychecking"),
    knownHosts: one("userknownhostsfile"),
    connectTimeout: Number(one("connecttimeout")?.replace("none", "0")),
    aliveInterval: Number(one("serveraliveinterval")),
    aliveCount: Number(one("serveralivecountmax")),
    proxyJump: one("proxyjump"),
    proxyCommand: one("proxycommand"),
  };
}

const DEFAULT_KEYS = [
  "~/.ssh/id_rsa",
  "~/.ssh/id_ecdsa",
  "~/.ssh/id_ecdsa_sk",
  "~/.ssh/id_ed25519",
  "~/.ssh/id_ed25519_sk",
  "~/.ssh/id_xmss",
  "~/.ssh/id_dsa",
];

function byThisPackage(file: string, host: string): Understood {
  const raw = readSshConfig({ host }, file);
  const effective: Effective = resolve(connectionSchema.parse({ host, sshConfigFile: file, jump: [] }));
  const known = effective.knownHostsFiles.filter((path) => !path.startsWith("/etc/ssh/"));
  return {
    host: effective.host,
    port: effective.port,
    user: effective.user,
    identityFiles: raw.identityFiles.length > 0 ? raw.identityFiles : DEFAULT_KEYS,
    certificateFiles: raw.certificateFiles,
    identitiesOnly: effective.identitiesOnly ? "yes" : "no",
    hostKeyAlias: effective.hostKeyAlias,
    checking: {
      strict: raw.first("stricthostkeychecking") === "yes" ? "true" : "ask",
      "accept-new": "accept-new",
      off: "false",
    }[effective.hostKeyChecking],
    knownHosts: known.join(" "),
    connectTimeout: effective.dialSeconds === 15 ? 0 : effective.dialSeconds,
    aliveInterval: effective.keepAlive.seconds === 15 ? 0 : effective.keepAlive.seconds,
    aliveCount: effective.keepAlive.count,
    proxyJump: withoutNone(raw.first("proxyjump")),
    proxyCommand: withoutNone(raw.first("proxycommand")),
  };
}

const withoutNone = (value: string | undefined) => (value === "none" ? undefined : value);

const hosts = ["web", "web1", "db.example.com", "a-b"];
const pattern = fc.constantFrom("web", "web*", "web?", "*", "*.example.com", "!web1", "!*", "a-?", "db.*", "WEB");
const users = fc.constantFrom("ops", "root", "deploy");
const file = fc.constantFrom(
  "~/.ssh/id_a",
  "/keys/%h",
  '"/keys/with space"',
  "/keys/a#b",
  "'/keys/single'",
  "/keys/%r@%n",
  "/keys/a\\ b",
);
const comment = fc.constantFrom("", "", " # a comment", "\t#x");
const setting = fc.oneof(
  fc.constantFrom("HostName %h.example.com", "hostname 10.0.0.1", "HostName=Other.Example.COM", "HostName = web1"),
  fc.constantFrom("Port 2222", "port=22", "PORT   7"),
  users.map((user) => `User ${user}`),
  fc.tuple(file, comment).map(([path, end]) => `IdentityFile ${path}${end}`),
  fc.tuple(file, comment).map(([path, end]) => `CertificateFile ${path}${end}`),
  fc.constantFrom("IdentitiesOnly yes", "IdentitiesOnly no", "HostKeyAlias known", "HostKeyAlias other"),
  fc.constantFrom("yes", "no", "off", "ask", "accept-new").map((value) => `StrictHostKeyChecking ${value}`),
  fc.constantFrom("UserKnownHostsFile /k/a /k/b", 'UserKnownHostsFile "/k/with space"', "UserKnownHostsFile /k/c # no"),
  fc.constantFrom("ConnectTimeout 7", "ConnectTimeout 1m30s", "ConnectTimeout 2m"),
  fc.constantFrom("ServerAliveInterval 9", "ServerAliveInterval 1m", "ServerAliveCountMax 5"),
  fc.constantFrom(
    "ProxyJump none",
    "ProxyJump ops@jump:23",
    "ProxyJump a,b",
    "ProxyCommand nc %h %p # note",
    "ProxyCommand ssh -W '%h:%p' \"x y\"",
    "ProxyCommand none",
  ),
);
const criterion = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("host", "originalhost", "!host", "!originalhost"),
      fc.array(pattern, { minLength: 1, maxLength: 2 }),
    )
    .map(([name, list]) => `${name} ${list.join(",")}`),
  users.map((user) => `user ${user}`),
  fc.constantFrom(
    "user root,ops",
    "!user root",
    "localuser root",
    "!localuser root",
    "final",
    "canonical",
    'exec "true"',
    "exec false",
    '!exec "false"',
    'exec "test %h = web1"',
    'exec "test %n%r = webops"',
  ),
);
const section = fc.oneof(
  fc.array(pattern, { minLength: 1, maxLength: 3 }).map((list) => `Host ${list.join(" ")}`),
  fc.array(criterion, { minLength: 1, maxLength: 3 }).map((list) => `Match ${list.join(" ")}`),
  fc.constant("Match all"),
  fc.constant("match final all"),
);
const lines = fc.array(
  fc.oneof({ weight: 3, arbitrary: setting.map((line) => `  ${line}`) }, { weight: 1, arbitrary: section }),
  { maxLength: 14 },
);

test("a configuration means what ssh -G says it means", () => {
  fc.assert(
    fc.property(lines, fc.constantFrom(...hosts), (text, host) => {
      const path = directory.write("config", `${text.join("\n")}\n`);
      expect(byThisPackage(path, host)).toEqual(byOpenSsh(path, host));
    }),
    { numRuns: 500 },
  );
}, 300_000);

test("a `Match final` in a file included under a section that does not match still causes the second pass", () => {
  directory.write("final.conf", "Match final all\n");
  const path = directory.write(
    "config",
    `Host web\nInclude ${directory.path}/final.conf\nMatch canonical\n  User ops\n`,
  );
  expect(byThisPackage(path, "a-b")).toEqual(byOpenSsh(path, "a-b"));
  expect(byThisPackage(path, "a-b").user).toBe("ops");
});

test("included files count in their place, even under a section that does not match", () => {
  fc.assert(
    fc.property(lines, lines, lines, fc.constantFrom(...hosts), (before, included, after, host) => {
      directory.write("conf.d/10-a.conf", `${included.join("\n")}\n`);
      directory.write("conf.d/20-b.conf", "Host *\n  Port 4444\n");
      directory.write("conf.d/ignored.txt", "Port 5555\n");
      const include = `Include ${directory.path}/conf.d/*.conf "${directory.path}/nothing here"`;
      const path = directory.write("config", [...before, include, ...after, ""].join("\n"));
      expect(byThisPackage(path, host)).toEqual(byOpenSsh(path, host));
    }),
    { numRuns: 50 },
  );
}, 300_000);
