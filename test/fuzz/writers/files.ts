import fc from "fast-check";
import { aptFiles, environmentFile, gitConfigFile } from "../../../constructs/dev-box/box-files";
import { expectBoxArgs } from "../../../constructs/dev-box/box-inputs";
import { sudoFile } from "../../../provider/host/provision/guest-users";
import { sh } from "../../../provider/remote";
import { rootfsInputs } from "../../../provider/resources/debian-rootfs/rootfs-inputs";
import type { ProvisionFile } from "../../../provider/resources/provision";
import { accountName } from "../../../provider/resources/provision/user-inputs";
import { differs } from "../compare";
import { writer } from "../fuzz";
import { hostileText } from "../hostile";
import { runThere } from "../oracles";

/** The text of the one file that is written. */
function contentOf(file: ProvisionFile | undefined): string {
  if (typeof file?.content !== "string") throw new Error("no file with a text");
  return file.content;
}

const KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

const url = fc.oneof(
  hostileText("https://deb.example.com/debian", "http://192.0.2.1:3142/d?a=b#c", "file:/srv/mirror"),
  fc.webUrl(),
  hostileText("a", "debian", "a%20b", "a%41").map((rest) => `https://deb.example.com/${rest}`),
);
const suite = fc.oneof(hostileText("trixie", "./", "stable/updates"), fc.constant("trixie"));
const components = fc.array(fc.oneof(hostileText("main", "contrib"), fc.constant("main")), { maxLength: 2 });

/** What apt reads from each of these source files, in the order of their names. */
async function sourcesScript(files: readonly (readonly [name: string, text: string])[]): Promise<string> {
  const made = files.map(([name, text]) => sh`printf %s ${text} >/tmp/fuzz-apt/${name}`.text);
  return [
    "rm -rf /tmp/fuzz-apt; mkdir -p /tmp/fuzz-apt",
    ...made,
    // One after the other: apt refuses all for a bad one.
    ...files.map(
      ([name]) =>
        sh`apt-get -o Dir::Etc::sourcelist=/tmp/fuzz-apt/${name} -o Dir::Etc::sourceparts=/dev/null indextargets --no-release-info --format ${"$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)"} "Created-By: Packages" 2>&1 || :; echo /end`
          .text,
    ),
  ].join("\n");
}

interface Source {
  readonly url: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/** What apt reads, and what it should read: it takes `%41` for A. */
function targetsDiffer(printed: string, source: Source): string | undefined {
  const plain = (text: string) =>
    Buffer.from(text)
      .toString("latin1")
      .replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
  const read = [...new Set(printed.replaceAll("$(COMPONENT)", "").trimEnd().split("\n"))].join("\n");
  return differs(plain(read), plain(wantedTargets(source)).trimEnd());
}

function wantedTargets({ url: address, suite: release, components: parts }: Source): string {
  const base = `${address}${address.endsWith("/") ? "" : "/"}`;
  const lines = (parts.length === 0 ? [""] : parts).map((part) => [base, release, part].join("\t"));
  return [...new Set(lines)].join("\n");
}

/** The least that a box has. */
const box = { host: "local", user: { name: "ada" } };

const aptSources = writer<Source, string>({
  name: "apt, .sources",
  functions: "aptFiles of DevBox",
  program: "apt-get indextargets",
  where: "host",
  share: 700,
  batch: 50,
  values: fc.record({ url, suite, components }),
  write: (source) => {
    expectBoxArgs("fuzz", {
      ...box,
      aptSources: [{ ...source, components: [...source.components], name: "fuzz", key: KEY }],
    });
    const [, file] = aptFiles({ ...source, name: "fuzz", key: KEY, packages: [] });
    return contentOf(file);
  },
  differences: async (batch, oracles) => {
    const script = await sourcesScript(batch.map(({ written }, index) => [`${index}.sources`, written]));
    const printed = (await runThere(await oracles.host(), script)).split("/end\n").slice(0, -1);
    return batch.map(({ value }, index) => targetsDiffer(printed[index] ?? "", value));
  },
});

const MACHINE = { host: { connection: { host: "local" } }, name: "fuzz" };

interface Mirror extends Source {
  readonly keyring: string;
  readonly whole: boolean;
}

/** A line of sources.list(5), as the root has it. */
const aptLines = writer<Mirror, readonly [line: string, source: Source]>({
  name: "apt, sources.list",
  functions: "mirrors, components and keyring of DebianRootfs",
  program: "apt-get indextargets",
  where: "host",
  share: 700,
  batch: 50,
  values: fc.record({
    url,
    suite,
    components: components.filter((list) => list.length > 0),
    keyring: fc.oneof(hostileText("k.gpg", "x,y"), fc.constant("k.gpg")).map((name) => `/usr/share/keyrings/${name}`),
    whole: fc.boolean(),
  }),
  write: ({ url: address, suite: release, components: parts, keyring, whole }) => {
    const mirror = whole ? `deb ${address} ${release} ${parts.join(" ")}` : address;
    const inputs = rootfsInputs.parse({ ...MACHINE, mirrors: [mirror], components: parts, keyring });
    const [given = ""] = inputs.mirrors ?? [];
    const line = given.startsWith("deb ") ? given : `deb ${given} ${inputs.suite} ${inputs.components.join(" ")}`;
    const [, place = "", suiteName = "", ...its] = line.split(" ");
    // As `writeSources` does on the host.
    const text = line.replace("deb ", `deb [signed-by=${inputs.keyring}] `);
    return [`${text}\n`, { url: place, suite: suiteName, components: its }];
  },
  differences: async (batch, oracles) => {
    const script = await sourcesScript(batch.map(({ written: [line] }, index) => [`${index}.list`, line]));
    const printed = (await runThere(await oracles.host(), script)).split("/end\n").slice(0, -1);
    return batch.map(({ written: [, source] }, index) => targetsDiffer(printed[index] ?? "", source));
  },
});

const account = fc.oneof(
  hostileText("ops", "a_b-c", "machine$"),
  fc.stringMatching(/^[a-z_][a-z0-9_-]{0,30}[a-z0-9_$-]?$/),
);

const sudoers = writer<string, string>({
  name: "sudoers",
  functions: "accountName, sudoFile",
  program: "visudo, cvtsudoers",
  where: "host",
  share: 7000,
  batch: 300,
  values: account,
  write: (value) => sudoFile(accountName.parse(value)).content,
  differences: async (batch, oracles) => {
    const text = batch.map(({ written }) => written).join("");
    const script =
      sh`printf %s ${text} >/tmp/fuzz-sudoers; visudo -cqf /tmp/fuzz-sudoers 2>&1 || :; cvtsudoers -e -f json /tmp/fuzz-sudoers 2>&1`
        .text;
    const printed = await runThere(await oracles.host(), script);
    if (!printed.startsWith("{")) return batch.map(() => printed.slice(0, 500));
    const { User_Specs: specs }: { User_Specs: { User_List: { username?: string }[] }[] } = JSON.parse(printed);
    const read = specs.map(({ User_List: users }) => users.map(({ username }) => username).join());
    return batch.map(({ value }) => (read.includes(value) ? undefined : `not among ${read.slice(0, 5).join(" ")}`));
  },
});

const environment = writer<string, string>({
  name: "/etc/environment",
  functions: "environmentFile of DevBox",
  program: "pam_env, by su",
  where: "host",
  share: 5000,
  batch: 200,
  values: hostileText("a b", "it's", "$HOME/bin", "c:\\d", "x=y"),
  write: (value) => {
    expectBoxArgs("fuzz", { ...box, environment: { FUZZ: value } });
    return contentOf(environmentFile({ FUZZ: value })[0]);
  },
  differences: async (batch, oracles) => {
    const [file] = environmentFile(Object.fromEntries(batch.map(({ value }, index) => [`FUZZ${index}`, value])));
    const script = sh`cp -a /etc/environment /tmp/fuzz-environment; printf %s ${contentOf(file)} >/etc/environment
su -s /bin/sh -c 'exec env -0' nobody 2>&1 || :; cp -a /tmp/fuzz-environment /etc/environment`.text;
    const read = new Map(
      (await runThere(await oracles.host(), script))
        .split("\0")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    return batch.map(({ value }, index) => differs(read.get(`FUZZ${index}`), value));
  },
});

const git = writer<string, string>({
  name: "gitconfig",
  functions: "gitConfigFile of DevBox",
  program: "git config",
  where: "anywhere",
  share: 2000,
  batch: 50,
  values: hostileText("Ada Lovelace", 'Ada "A" L', "c:\\d", "a # b"),
  write: (value) => {
    const identity = { name: value, email: `${value}@example.com` };
    expectBoxArgs("fuzz", { ...box, git: identity });
    return contentOf(gitConfigFile(identity)[0]);
  },
  differences: async (batch, oracles) => {
    const script = batch.map(
      ({ written }) =>
        sh`printf %s ${written} | git config -z --file - --get-regexp '^user[.]' 2>&1; printf '/end\0'`.text,
    );
    const { stdout } = await oracles.here(["dash"], script.join("\n"));
    const printed = stdout.split("/end\0");
    return batch.map(({ value }, index) =>
      differs(printed[index], `user.name\n${value}\0user.email\n${value}@example.com\0`),
    );
  },
});

export const fileWriters = [aptSources, aptLines, sudoers, environment, git];
