import { NSPAWN_SETTINGS, SECTIONS, type Setting, textsOf } from "../../provider/systemd/nspawn-settings";
import {
  ADDRESS_FAMILIES,
  CAPABILITIES,
  SIGNALS,
  SYSTEM_CALL_GROUPS,
} from "../../provider/systemd/nspawn-settings/vocabulary";
import { ofGenerations } from "../support/generations";
import { type Suite, type TestHost, up } from "../support/hosts";
import { alone, evidence, fileOf, fileWith, fileWithTexts, laterEvidence, nameOf } from "../support/nspawn-samples";
import { TinyMachine, type TinyRun } from "../support/tiny-machine";

/** The message of systemd-nspawn for an interface if the kernel of these hosts has no ipvlan. */
const NO_IPVLAN = /^Failed to add new ipvlan interfaces: Operation not supported$/;

const hosts: readonly { suite: Suite; version: number }[] = [
  { suite: "bookworm", version: 252 },
  { suite: "trixie", version: 257 },
  { suite: "forky", version: 262 },
];

describe.each(ofGenerations(hosts))("systemd.nspawn(5) on $suite", ({ suite, version }) => {
  const known = NSPAWN_SETTINGS.filter(({ since }) => since <= version);
  let host: TestHost;
  let machines: readonly TinyMachine[];
  let usual: string;

  beforeAll(async () => {
    host = await up({ name: `settings-${suite}`, suite });
    machines = await Promise.all(SECTIONS.map((section) => TinyMachine.create(host, `tiny-${section.toLowerCase()}`)));
    await host.sh(`
mkdir -p /srv/lower /srv/upper
for tiny in /var/lib/machines/tiny-*; do mkdir $tiny/alt; cp -a $tiny/[b-z]* $tiny/alt; done
ip link add br0 type bridge
ip netns add test; ip -n test link add inner0 type veth peer name inner1`);
    usual = (await machineOf("Exec").run(fileOf({}))).stderr;
  });

  afterAll(() => host.down());

  /** Keys of a section share interfaces and directories of the host, so they are tried one after the other. */
  function machineOf(section: Setting["section"]): TinyMachine {
    const found = machines[SECTIONS.indexOf(section)];
    if (found === undefined) throw new Error(`no machine for ${section}`);
    return found;
  }

  async function run({ section }: Setting, text: string, trusted = true): Promise<TinyRun> {
    if (section === "Network") {
      await host.sh(
        "ip link show dev test0 >/dev/null 2>&1 || ip link add test0 type veth peer name test1; udevadm settle",
      );
    }
    const tiny = machineOf(section);
    return tiny.run(text, trusted ? tiny.nspawnFile : tiny.untrustedFile);
  }

  /** The messages of systemd-nspawn other than the usual ones. */
  function said({ exitCode, stderr }: TinyRun): string[] {
    const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !usual.includes(line));
    return exitCode === 0 ? lines : [...lines, `exit status ${exitCode}`];
  }

  /** What a judge finds wrong, by key; all sections at the same time. */
  async function wrong(settings: readonly Setting[], judge: (setting: Setting) => Promise<unknown>) {
    const found: Record<string, unknown> = {};
    const judgeSection = async (name: string) => {
      for (const setting of settings.filter(({ section }) => section === name)) {
        const verdict = await judge(setting);
        if (verdict !== undefined) found[nameOf(setting)] = verdict;
      }
    };
    await Promise.all(SECTIONS.map(judgeSection));
    return found;
  }

  test("what the library writes is accepted, and gives the machine the values", async () => {
    const found = await wrong(known, async (setting) => {
      const result = await run(setting, fileWith(setting, setting.kind.accepted));
      const objections = said(result);
      if (objections.some((line) => /\.nspawn:|ignor|exit status/i.test(line))) return objections;
      const [reported = "", pattern = /^/] = evidence[nameOf(setting)] ?? [];
      return pattern.test(result.seen[reported] ?? "") ? undefined : (result.seen[reported] ?? "nothing reported");
    });
    expect(found).toEqual({
      ...("Network.IPVLAN" in found && {
        "Network.IPVLAN": expect.arrayContaining([expect.stringMatching(NO_IPVLAN)]),
      }),
      // In this case a machine with its own user IDs needs a newer systemd.
      ...(version < 257 && { "Files.Volatile": expect.arrayContaining([expect.stringContaining("ID mapped mounts")]) }),
    });
  });

  test("what the library refuses, systemd refuses too", async () => {
    const lines = fileOf({}).split("\n");
    // A bad interface ends the parsing of the file, so that section comes last.
    const places = known.map((setting) => {
      const begin = lines.push(`[${setting.section}]`) + 1;
      const end = lines.push(...`${setting.key}=${setting.kind.refused}`.split("\n"));
      return { setting, begin, end };
    });
    const { stderr } = await machineOf("Exec").run(`${lines.join("\n")}\n`);
    const refused = new Set([...stderr.matchAll(/\.nspawn:(\d+):/g)].map(([, line]) => Number(line)));
    const rest = places.filter(({ begin, end }) => ![...refused].some((line) => begin <= line && line <= end));
    expect(refused.size).toBeGreaterThan(known.length / 2);
    const taken = await wrong(
      rest.map(({ setting }) => setting),
      async (setting) => {
        const objections = said(await run(setting, fileWithTexts(setting, [setting.kind.refused])));
        return objections.length === 0 ? "was taken" : undefined;
      },
    );
    expect(taken).toEqual({});
  });

  test("a key or a value is known from the version that the library names", async () => {
    const newer = NSPAWN_SETTINGS.filter(({ since }) => since > version);
    const keys = await wrong(newer, async (setting) => {
      const objections = said(await run(setting, fileWith(setting, setting.kind.accepted)));
      return objections.some((line) => line.includes(`Unknown key '${setting.key}' in section`))
        ? undefined
        : objections;
    });
    expect(keys).toEqual({});
    const values = await wrong(known, async (setting) => {
      if (setting.later === undefined) return undefined;
      const result = await run(setting, fileWith(setting, setting.later.sample));
      if (said(result).some((line) => NO_IPVLAN.test(line))) return undefined;
      const [reported = "", pattern = /^/] = laterEvidence[nameOf(setting)] ?? [];
      const known = said(result).length === 0 && pattern.test(result.seen[reported] ?? "");
      return known === setting.later.since <= version ? undefined : [...said(result), result.seen[reported]];
    });
    expect(values).toEqual({});
  });

  test("systemd knows every word that the library accepts", async () => {
    const words: [string, readonly string[]][] = [
      ["Capability", CAPABILITIES],
      ["KillSignal", [...SIGNALS, "SIGRTMIN+30", "SIGRTMAX-30", "SIGRTMIN+3"]],
      ["SystemCallFilter", SYSTEM_CALL_GROUPS.filter((name) => name !== "@sandbox" || version >= 254)],
      ["RestrictAddressFamilies", version >= 261 ? ADDRESS_FAMILIES : []],
    ];
    const lines = words.flatMap(([key, all]) => all.map((word) => `${key}=${word}`));
    expect(said(await machineOf("Exec").run(`${fileOf({})}\n[Exec]\n${lines.join("\n")}\n`))).toEqual([]);
  });

  // Testing one version is enough.
  if (version === 262) {
    test("a file next to the root may not set privileged settings", async () => {
      const found = await wrong(known, async (setting) => {
        const text = alone(setting, textsOf(setting.kind.accepted, setting.kind.quote));
        const objections = said(await run(setting, text, false));
        const trusted = !objections.some((line) => /not trusted/.test(line));
        return trusted === (setting.privileged === undefined) ? undefined : objections;
      });
      expect(found).toEqual({});
    });
  }
});
