import { isIP } from "node:net";
import { homedir } from "node:os";
import fc from "fast-check";
import {
  argument,
  type Connection,
  commandLine,
  connectionSchema,
  type Hop,
  hostArgument,
  jumpArgument,
  knownHostsLine,
  plainArgument,
  publicKeyIn,
  sh,
  sshConfigEntry,
  userArgument,
} from "../../../provider/remote";
import { hostKeyFailure } from "../../../provider/remote/host-keys/failure";
import { assertNames } from "../../../provider/remote/ssh-config/names";
import { sshArguments } from "../../../provider/remote/ssh-config/ssh-arguments";
import { allDiffer, differs, shown } from "../compare";
import { writer } from "../fuzz";
import { hostileText } from "../hostile";
import type { Oracles } from "../oracles";

/** The last line that a run of ssh is followed by. */
const END = "\n/end\n";

/** What `ssh -G` prints for each of these arguments. */
async function settingsOf(
  runs: readonly (readonly string[])[],
  files: Readonly<Record<string, string>>,
  oracles: Oracles,
) {
  const made = Object.entries(files).map(([name, text]) => sh`printf %s ${text} >"$directory/"${name}`.text);
  const script = [
    'directory=$(mktemp -d) || exit; trap \'rm -rf -- "$directory"\' EXIT; cd -- "$directory" || exit',
    ...made,
    ...runs.map((args) => sh`ssh -T -G ${args} 2>&1; printf ${"\\n/end\\n"}`.text),
  ].join("\n");
  const { stdout } = await oracles.here(["dash"], script);
  return stdout.split(END).slice(0, -1);
}

/** The values of a keyword, in lines of `ssh -G`. */
function valuesOf(printed: string, keyword: string): string[] {
  const start = `${keyword} `;
  return printed
    .split("\n")
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length));
}

interface Keyword<T> {
  readonly keyword: string;
  readonly function: string;
  readonly share: number;
  readonly values: fc.Arbitrary<T>;
  readonly write: (value: T) => { readonly text: string };
  /** What `ssh -G` prints for it. */
  readonly read: (value: T) => string;
  /** Makes two spellings of one value the same. @default they are not */
  readonly same?: (printed: string) => string;
}

/** A keyword of an entry, many entries in a file: one that spreads into the next takes their values away. */
function keyword<T>({ keyword, function: name, share, values, write, read, same }: Keyword<T>) {
  return writer<T, string>({
    name: `ssh_config, ${keyword}`,
    functions: `${name}, sshConfigEntry`,
    program: "ssh -G",
    where: "anywhere",
    share,
    batch: 100,
    values,
    write: (value) => sshConfigEntry("NAME", [[keyword, write(value)]]),
    differences: async (batch, oracles) => {
      const config = batch.map(({ written }, index) => written.replace("NAME", `box${index}`)).join("\n");
      const runs = batch.map((_, index) => ["-F", "config", `box${index}`]);
      const printed = await settingsOf(runs, { config }, oracles);
      return batch.map(({ value }, index) => onlyValue(printed[index] ?? "", keyword, read(value), same));
    },
  });
}

function onlyValue(
  printed: string,
  keyword: string,
  wanted: string,
  same = (text: string) => text,
): string | undefined {
  const found = valuesOf(printed, keyword.toLowerCase()).map(same);
  return found.length === 1
    ? differs(found[0], same(wanted))
    : `${found.length} values, not ${shown(wanted)}: ${shown(printed)}`;
}

const path = hostileText("/home/ops/.ssh/id", "~/.ssh/id_ed25519", "/a b/c", "none");
const host = hostileText("web1.example.com", "fe80::1%eth0", "192.0.2.1", "web_1").filter(
  // Numbers with fewer parts are addresses too, which ssh writes in full.
  (text) => isIP(text) !== 0 || !/^[\da-fx.]+$/i.test(text),
);
const user = hostileText("ops", "EXAMPLE\\joe", "joe@example.com");
const command = hostileText("ssh -W %h:%p jump", "nc -X connect 'a b' \"c\"").filter(
  // The word for no command at all.
  (text) => text.trim() !== "none",
);

const hop: fc.Arbitrary<Hop> = fc.record(
  { host, user, port: fc.integer({ min: 1, max: 65535 }) },
  { requiredKeys: ["host"] },
);

function jumpText(hops: readonly Hop[]): string {
  const spelled = hops.map(({ host: name, user: login, port }) => {
    const place = name.includes(":") ? `[${name}]` : name;
    return `${login === undefined ? "" : `${login}@`}${place}${port === undefined ? "" : `:${port}`}`;
  });
  return spelled.join(",").replaceAll("%", "%%");
}

/** `ssh -G` has them also around addresses that need none. */
function withoutBrackets(printed: string): string {
  return printed.replace(/[[\]]/g, "");
}

const keywords = [
  keyword({
    keyword: "IdentityFile",
    function: "argument",
    share: 700,
    values: path,
    write: argument,
    read: (value) => value,
  }),
  keyword({
    keyword: "UserKnownHostsFile",
    function: "plainArgument",
    share: 700,
    values: path.map((one) => `/k/${one}`),
    write: plainArgument,
    read: (value) => value,
  }),
  keyword({
    keyword: "ControlPath",
    function: "plainArgument",
    share: 700,
    values: path.map((one) => `/run/${one}`),
    write: plainArgument,
    read: (value) => value,
  }),
  keyword({
    keyword: "HostName",
    function: "hostArgument",
    share: 700,
    values: host,
    write: hostArgument,
    read: (value) => value,
    // ssh writes most names in lower case.
    same: lower,
  }),
  keyword({
    keyword: "User",
    function: "userArgument",
    share: 700,
    values: user,
    write: userArgument,
    read: (value) => value,
  }),
  keyword({
    keyword: "ProxyCommand",
    function: "commandLine",
    share: 700,
    values: command,
    write: commandLine,
    read: (value) => value.trim(),
  }),
  keyword({
    keyword: "ProxyJump",
    function: "jumpArgument",
    share: 700,
    values: fc.array(hop, { minLength: 1, maxLength: 3 }),
    write: jumpArgument,
    read: jumpText,
    same: withoutBrackets,
  }),
];

type Given = Pick<
  Connection,
  "user" | "port" | "privateKeyPath" | "certificatePath" | "knownHostsFile" | "agent" | "jump" | "proxyCommand"
>;

/** What `ssh -G` should print for a connection. */
function wantedOf(given: Given): [keyword: string, value: string][] {
  const home = (file: string) => file.replace(/^~(?=\/|$)/, homedir());
  const {
    user: login,
    port,
    privateKeyPath: key,
    certificatePath: certificate,
    knownHostsFile,
    jump,
    proxyCommand,
  } = given;
  const all: readonly (readonly [keyword: string, value: string | undefined])[] = [
    ["user", login],
    ["port", port?.toString()],
    ["identityfile", key && home(key)],
    ["certificatefile", certificate && home(certificate)],
    ["userknownhostsfile", knownHostsFile && home(knownHostsFile)],
    ["proxyjump", jump && jumpText(jump)],
    ["proxycommand", proxyCommand?.trim()],
  ];
  return all.flatMap(([keyword, value]) => (value === undefined ? [] : [[keyword, value]]));
}

/** Behind a tilde, ssh wants the name of a user of this machine. */
function isOwn(file: string): boolean {
  return !/^~[^/]/.test(file);
}

const connections = fc.oneof(
  ...[
    { user },
    { privateKeyPath: path, certificatePath: path },
    { knownHostsFile: path.filter(isOwn) },
    { proxyCommand: command },
    { jump: fc.array(hop, { minLength: 1, maxLength: 2 }) },
    { user, port: fc.integer({ min: 1, max: 65535 }), privateKeyPath: path },
  ].map((keys) => fc.record<Given>(keys)),
);

const arguments_ = writer<Given, { given: Given; argv: readonly string[] }>({
  name: "arguments of ssh",
  functions: "connectionSchema, sshArguments",
  program: "ssh -G",
  where: "anywhere",
  share: 2000,
  batch: 100,
  values: connections,
  write: (given) => {
    const connection = connectionSchema.parse({ host: "web1", client: "openssh", ...given });
    return { given: connection, argv: ["-F", "none", ...sshArguments(connection), "--", "web1"] };
  },
  differences: async (batch, oracles) => {
    const printed = await settingsOf(
      batch.map(({ written }) => written.argv),
      {},
      oracles,
    );
    return batch.map(({ written }, index) =>
      wantedOf(written.given)
        .map(([name, value]) =>
          onlyValue(printed[index] ?? "", name, value, name === "proxyjump" ? withoutBrackets : undefined),
        )
        .find((difference) => difference !== undefined),
    );
  },
});

const KEY_TEXT = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";

function key() {
  const found = publicKeyIn(KEY_TEXT, "ssh-ed25519");
  if (found === undefined) throw new Error("the sample is no key");
  return found;
}

const knownHosts = writer<string, string>({
  name: "known_hosts",
  functions: "knownHostsLine",
  program: "ssh-keygen -F",
  where: "anywhere",
  share: 2500,
  batch: 100,
  values: fc.oneof(host, fc.constantFrom("[web1]:2222", "*", "!web1", "@revoked")),
  write: (name) => knownHostsLine([name], key()),
  differences: async (batch, oracles) => {
    const file = batch.map(({ written }) => written).join("");
    const finds = batch.map(({ value }) => sh`ssh-keygen -F ${value} -f "$file" 2>&1; printf ${"/end\\n"}`.text);
    const script = [
      "file=$(mktemp) || exit; trap 'rm -f -- \"$file\"' EXIT",
      sh`printf %s ${file} >"$file"`.text,
      ...finds,
    ];
    const { stdout } = await oracles.here(["dash"], script.join("\n"));
    const printed = stdout.split("/end\n").slice(0, -1);
    return batch.map(({ value }, index) => {
      const found = [...(printed[index] ?? "").matchAll(/ found: line (\d+)/g)].map(([, line]) => `${line}`);
      // Names differ only in case for a program, and are the same host's.
      const own = batch.flatMap((other, at) => (lower(other.value) === lower(value) ? [`${at + 1}`] : []));
      return differs(found.join(" "), own.join(" "));
    });
  },
});

function lower(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

interface Met {
  readonly user: string;
  readonly host: string;
  readonly alias: string;
  readonly file: string;
}

/** A command that a message advises, and the words that it should have, a redirection as the word `>>`. */
interface Advised {
  readonly line: string;
  readonly words: readonly string[];
}

/** What is advised for an unknown key and for a changed one. */
function adviceOf({ user: login, host: name, alias, file }: Met): Advised[] {
  assertNames([name], [login]);
  const shownKey = key();
  const known = {
    name: alias,
    keys: [],
    withoutPort: [],
    authorities: [],
    revoked: [],
    fingerprints: [],
    pinned: false,
  };
  const line = { marker: undefined, names: "*", key: shownKey, file, place: `${file}:1` };
  const resolved = {
    user: login,
    host: name,
    port: 2222,
    knownHostsFiles: [file],
    via: undefined,
    proxyCommand: undefined,
  };
  const details = [
    hostKeyFailure(resolved, known, shownKey, { kind: "unknown" }),
    hostKeyFailure(resolved, known, shownKey, { kind: "changed", by: [line] }),
  ].flatMap(({ parts }) => (parts.details ?? "").split("\n"));
  const wanted: Readonly<Record<string, readonly string[]>> = {
    "ssh-keyscan": ["-p", "2222", "-t", "ed25519", name, ">>", file],
    ssh: ["-p", "2222", `${login}@${name}`],
    echo: [`${alias} ${KEY_TEXT}`, ">>", file],
    "ssh-keygen": ["-f", file, "-R", alias],
  };
  return details.flatMap((text) => {
    const [program = ""] = text.split(" ");
    const words = wanted[program];
    return words === undefined
      ? []
      : [{ line: text.slice(program.length).replace("    (once; answer yes)", ""), words }];
  });
}

const advice = writer<Met, readonly Advised[]>({
  name: "commands in messages",
  functions: "hostKeyFailure",
  program: "dash, bash --posix",
  where: "anywhere",
  share: 2500,
  batch: 100,
  // The lines of a message are split, and a redirection is taken for a word.
  values: fc.record({
    user,
    host,
    alias: host.filter(inOneLine),
    file: path.map((one) => `/k/${one}`).filter(inOneLine),
  }),
  write: adviceOf,
  differences: async (batch, oracles) => {
    const commands = batch.flatMap(({ written }) => [
      ...written.map(({ line }) => `p ${line.replace(" >> ", " '>>' ")}`),
      "printf '/end\\0'",
    ]);
    const script = ["p() { printf '%s\\0' \"$@\"; }", ...commands].join("\n");
    const shells = [["dash"], ["bash", "--posix"]];
    const outputs = await Promise.all(shells.map((argv) => oracles.here(argv, script)));
    const wanted = batch.map(({ written }) =>
      written.flatMap(({ words }) => words.map((word) => `${word}\0`)).join(""),
    );
    const [dash = [], bash = []] = outputs.map(({ stdout }) => allDiffer(stdout.split("/end\0").slice(0, -1), wanted));
    return batch.map((_, index) => dash[index] ?? bash[index]);
  },
});

function inOneLine(text: string): boolean {
  return !/[\0\n\r]|>>|\p{Cs}/u.test(text);
}

export const sshWriters = [...keywords, arguments_, knownHosts, advice];
