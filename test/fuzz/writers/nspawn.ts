import fc from "fast-check";
import { sh } from "../../../provider/remote";
import {
  inputs as environmentInputs,
  render as renderEnvironment,
} from "../../../provider/resources/nspawn-machine/inputs/environment";
import { render } from "../../../provider/resources/nspawn-machine/inputs/mounts";
import { render as renderSecrets } from "../../../provider/resources/nspawn-machine/inputs/secrets";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";
import { renderNspawnFile } from "../../../provider/systemd/nspawn-file";
import { NSPAWN_SETTINGS, textsOf } from "../../../provider/systemd/nspawn-settings";
import { nspawnSettings } from "../../../provider/systemd/nspawn-settings/schema";
import type { Entry } from "../../../provider/systemd/settings-file";
import { renderDropIn } from "../../../provider/systemd/unit-file";
import { differs } from "../compare";
import { writer } from "../fuzz";
import { hostileText } from "../hostile";
import { type HostOracle, runThere } from "../oracles";

const text = hostileText("A=b c", "it's", "100 %", "c:\\");
const BOOT: Entry = { section: "Exec", key: "Boot", value: "yes" };

/** What init saw, and the messages of systemd-nspawn about lines of the file, by the number of the line. */
async function runWith({ tiny }: HostOracle, entries: readonly Entry[]) {
  const file = renderNspawnFile(entries);
  const { seen, stderr } = await tiny.run(file);
  const complaints = new Map<number, string>();
  for (const line of stderr.split("\n")) {
    const [, number] = /\.nspawn:(\d+):/.exec(line) ?? [];
    if (number !== undefined) complaints.set(Number(number), line);
  }
  return { seen, stderr, complaints, lines: file.split("\n") };
}

const environment = writer<string, Entry>({
  name: ".nspawn, Environment=",
  functions: "environment of NspawnMachine, quoteNspawnWord",
  program: "systemd-nspawn",
  where: "host",
  share: 15_000,
  batch: 400,
  values: text,
  write: (value) => entryOf(value, 0),
  differences: async (batch, oracles) => {
    const entries = batch.map(({ value }, index) => entryOf(value, index));
    const { seen, stderr } = await runWith(await oracles.host(), [BOOT, ...entries]);
    const read = new Map(
      (seen.environ ?? "")
        .split("\0")
        .map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
    );
    return batch.map(({ value }, index) => withMessages(differs(read.get(`FUZZ${index}`), value), stderr));
  },
});

function entryOf(value: string, index: number): Entry {
  const environment = environmentInputs.environment.parse({ [`FUZZ${index}`]: value });
  const [entry] = renderEnvironment({ environment }).nspawn ?? [];
  if (entry === undefined) throw new Error("no entry");
  return entry;
}

function withMessages(difference: string | undefined, stderr: string): string | undefined {
  return difference === undefined ? undefined : `${difference}; ${stderr.slice(0, 500)}`;
}

const parameters = writer<string, readonly Entry[]>({
  name: ".nspawn, Parameters=",
  functions: "settings of NspawnMachine, quoteNspawnWord",
  program: "systemd-nspawn",
  where: "host",
  share: 12_000,
  batch: 400,
  // With a dot before any "=", no version takes it for a variable.
  values: text.map((word) => `.${word}`),
  write: (value) => settingEntries("Exec", "Parameters", [value]),
  differences: async (batch, oracles) => {
    const entries = batch.flatMap(({ written }) => written);
    const { seen, stderr } = await runWith(await oracles.host(), [BOOT, ...entries]);
    const read = (seen.arguments ?? "").split("\0").slice(2, -1);
    return batch.map(({ value }, index) =>
      withMessages(
        read.length === batch.length ? differs(read[index], value) : `${read.length} words, not ${batch.length}`,
        stderr,
      ),
    );
  },
});

function settingEntries(section: string, key: string, value: unknown): Entry[] {
  const parsed = nspawnSettings.parse({ [section]: { [key]: value } });
  return NSPAWN_SETTINGS.filter((setting) => setting.section === section && setting.key === key).flatMap((setting) => {
    const given = parsed[setting.section]?.[setting.key];
    return given === undefined ? [] : textsOf(given, setting.kind.quote).map((one) => ({ section, key, value: one }));
  });
}

/** A mount of a machine: what the kernel mounted, and where. */
interface Mounted {
  readonly root: string;
  readonly point: string;
}

/** The mounts in /proc/self/mountinfo (proc(5)), in which blanks and backslashes are octal. */
function mountsIn(mountinfo: string): Mounted[] {
  const plain = (field = "") =>
    field.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
  return mountinfo.split("\n").map((line) => {
    const [, , , root, point] = line.split(" ");
    return { root: plain(root), point: plain(point) };
  });
}

interface Mount {
  readonly kind: "bind" | "tmpfs" | "inaccessible" | "overlay";
  readonly source: string;
  readonly target: string;
}

/** What `mounts` of a machine takes. The index keeps the mounts of a batch apart. */
function mountOf({ kind, source, target }: Mount, index: number) {
  const [from, to] = [`/srv/fuzz/${index}/${source}`, `/mnt/${index}/${target}`];
  const bind = { host: "local", id: "fuzz", source: from, target: to, ownership: "none", exposeHost: true };
  const given = {
    bind: { bind },
    tmpfs: { tmpfs: to, size: "1MiB" },
    inaccessible: { inaccessible: to },
    overlay: { overlay: [from, `/srv/fuzz/${index}-upper`], target: to, exposeHost: true },
  };
  const inputs = machineInputs.parse({ ...MACHINE, mounts: [given[kind]] });
  const [mount] = inputs.mounts;
  if (mount === undefined) throw new Error("no mount");
  return { mount, entries: (render(inputs).nspawn ?? []).filter(({ section }) => section === "Files") };
}

const MACHINE = {
  ...{ name: "tiny", rootName: "tiny", rootfs: "tiny", privateUsers: false },
  host: { connection: { host: "local" } },
};

const mounts = writer<Mount, ReturnType<typeof mountOf>>({
  name: ".nspawn, Bind=, Overlay= and others",
  functions: "mounts of NspawnMachine, renderColonFields",
  program: "systemd-nspawn, Linux",
  where: "host",
  share: 2000,
  batch: 60,
  values: fc.record({
    kind: fc.constantFrom("bind", "bind", "tmpfs", "inaccessible", "overlay"),
    source: hostileText("projects", "a b", "c:\\d"),
    target: hostileText("projects", "a b", "c:\\d"),
  }),
  write: (value) => mountOf(value, 0),
  differences: async (batch, oracles) => {
    const oracle = await oracles.host();
    const made = batch.map(({ value }, index) => mountOf(value, index));
    const directories = made.flatMap(({ mount }) => {
      if ("bind" in mount) return [mount.bind.source];
      // systemd-nspawn makes the mount point of an overlay, but no directory above it.
      if ("overlay" in mount) return [...mount.overlay, `${oracle.tiny.root}${mount.target}`];
      return "inaccessible" in mount ? [`${oracle.tiny.root}${mount.inaccessible}`] : [];
    });
    await runThere(
      oracle,
      sh`rm -rf /srv/fuzz ${oracle.tiny.root}/mnt/*; mkdir -p /srv/fuzz ${directories.length === 0 ? ["/srv/fuzz"] : directories}`
        .text,
    );
    const { seen, stderr } = await runWith(oracle, [BOOT, ...made.flatMap(({ entries }) => entries)]);
    const found = mountsIn(seen.mounts ?? "");
    return made.map(({ mount }) => {
      const target =
        "bind" in mount
          ? mount.bind.target
          : "tmpfs" in mount
            ? mount.tmpfs
            : "inaccessible" in mount
              ? mount.inaccessible
              : mount.target;
      const source = "bind" in mount ? mount.bind.source : "";
      const there = found.some(({ root, point }) => point === target && root.endsWith(source));
      return there ? undefined : `not mounted: ${stderr.slice(0, 500)}`;
    });
  },
});

const credentials = writer<string, { readonly words: readonly string[] }>({
  name: "units, --load-credential",
  functions: "secrets of NspawnMachine, quoteExecArgument",
  program: "systemd, systemd-nspawn",
  where: "host",
  share: 1000,
  batch: 100,
  values: hostileText("token", "a b", "c\\d", "x=y"),
  write: (name) => {
    const { secrets } = machineInputs.parse({ ...MACHINE, secrets: { [name]: "value" } });
    return { words: renderSecrets({ name: "tiny", secrets }).commandLine ?? [] };
  },
  differences: async (batch, oracles) => {
    const oracle = await oracles.host();
    const directory = "/etc/systemd/nspawn/tiny.credentials";
    const names = [...new Set(batch.map(({ value }) => value))];
    const words = [...new Set(batch.flatMap(({ written }) => written.words))];
    const command = `systemd-nspawn --quiet --register=no --console=pipe --boot --settings=no --machine=tiny ${words.join(" ")}`;
    const unit = renderDropIn(
      Object.entries({ Type: "oneshot", StandardOutput: "append:/run/fuzz", ExecStart: command }).map(
        ([key, value]) => ({
          section: "Service",
          key,
          value,
        }),
      ),
    );
    const files = names.map((name) => sh`printf %s value >${`${directory}/${name}`}`.text);
    const script = [
      sh`rm -rf ${directory} /run/fuzz; mkdir -p ${directory}; printf %s ${unit} >/run/systemd/system/fuzz.service`
        .text,
      ...files,
      "systemctl daemon-reload; systemctl start fuzz || journalctl -u fuzz -n 20; sed -n 's/^credentials //p' /run/fuzz | base64 -d",
    ].join("\n");
    const read = (await runThere(oracle, script)).split("\n");
    return batch.map(({ value }) =>
      read.includes(value) ? undefined : `not among the credentials: ${read.slice(0, 3).join("; ")}`,
    );
  },
});

interface Given {
  readonly at: number;
  readonly value: unknown;
}

const TYPED = NSPAWN_SETTINGS.filter(({ instead, key }) => instead === undefined && key !== "Parameters");

function samplesOf(at: number): string[] {
  const { accepted, refused } = TYPED[at % TYPED.length]?.kind ?? {};
  return [...(typeof accepted === "object" ? accepted : [String(accepted)]), String(refused)];
}

/** Whether a key or a value is newer than the host's systemd: a machine with it is refused there. */
function isNewer({ at }: Given, written: readonly Entry[], version: number): boolean {
  const { since = 0, later } = TYPED[at] ?? {};
  if (since > version) return true;
  return later !== undefined && later.since > version && written.some(({ value }) => later.value.test(String(value)));
}

const settings = writer<Given, readonly Entry[]>({
  name: ".nspawn, all keys of `settings`",
  functions: "nspawnSettings, settingsEntries",
  program: "systemd-nspawn, which complains of no line",
  where: "host",
  share: 16_000,
  batch: 400,
  values: fc.nat(TYPED.length - 1).chain((at) => {
    const text = hostileText(...samplesOf(at));
    const value = fc.oneof(
      { weight: 6, arbitrary: text },
      { weight: 4, arbitrary: fc.array(text, { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.boolean() },
      { weight: 2, arbitrary: fc.integer() },
      { weight: 2, arbitrary: fc.integer({ min: -3, max: 300 }) },
    );
    return value.map((one) => ({ at, value: one }));
  }),
  write: ({ at, value }) => {
    const { section = "", key = "" } = TYPED[at] ?? {};
    return settingEntries(section, key, value);
  },
  differences: async (batch, oracles) => {
    const oracle = await oracles.host();
    const files = batch.map(({ value, written }) =>
      written.length === 0 || isNewer(value, written, oracle.version) ? "" : renderNspawnFile(written),
    );
    const file = [...files, "[Exec]\nFuzzEnd=yes\n"];
    const begins = file.map((_, index) => file.slice(0, index).join("").split("\n").length);
    // Without an operating system, systemd-nspawn ends once it has read the file.
    const script = sh`mkdir -p /var/lib/machines/void; printf %s ${file.join("")} >/etc/systemd/nspawn/void.nspawn
systemd-nspawn --quiet --settings=override --machine=void </dev/null 2>&1 || :; rm -f /etc/systemd/nspawn/void.nspawn`
      .text;
    const said = await runThere(oracle, script);
    if (!said.includes("FuzzEnd")) return batch.map(() => `not read to the end: ${said.slice(-500)}`);
    const lines = new Map(
      [...said.matchAll(/^.*\.nspawn:(\d+):.*$/gm)].map(([line, number]) => [Number(number), line]),
    );
    return batch.map((_, index) => {
      const [from = 0, to = Number.POSITIVE_INFINITY] = begins.slice(index, index + 2);
      const [, line] = [...lines].find(([number]) => number >= from && number < to) ?? [];
      return line;
    });
  },
});

export const nspawnWriters = [environment, parameters, mounts, credentials, settings];
