import { disksIn, explainFullDisk } from "../../host/disks";
import type { HostErrorParts } from "../../remote";
import type { RootfsInputs } from "./rootfs-inputs";

type Explanation = Pick<HostErrorParts, "happened" | "advice" | "details">;

interface Pattern {
  readonly seen: RegExp;
  readonly explain: (match: RegExpExecArray, inputs: RootfsInputs) => Omit<Explanation, "details">;
}

const PATTERNS: readonly Pattern[] = [
  {
    seen: /^E: Could not get lock (\S+?)\.? It is held by (.+)$/m,
    explain: ([, lock, holder]) => ({
      happened: `another package manager is running: ${holder} holds ${lock}`,
      advice: "Wait for it, and try again.",
    }),
  },
  {
    seen: /^E: Unable to locate package (\S+)|^E: Package '?(\S+?)'? has no installation candidate|^E: Couldn't find these debs: (.+)$/m,
    explain: ([, ...names], { suite, components }) => ({
      happened: `${suite} has no package ${JSON.stringify(names.find((name) => name !== undefined))} in ${components.join(", ")}`,
      advice: "Search for its name with `apt-cache search`, or add the component that has it (`components`).",
    }),
  },
  {
    seen: /^E: Version '(.+)' for '(.+)' was not found/m,
    explain: ([, version, name]) => ({
      happened: `the mirrors do not have the version ${JSON.stringify(version)} of ${name}`,
      advice: `See which versions there are, in the machine: apt-cache policy ${name}`,
    }),
  },
  {
    seen: /^E: pulumi-nspawn: this would also remove (.+?) *$/m,
    explain: ([, names = ""]) => ({
      happened: `apt would also remove ${names.split(" ").join(", ")}, and nothing was changed`,
      advice:
        "Packages that you add conflict with these, which are listed, or which somebody installed in the machine. " +
        "Take one side out of `packages`, or remove it in the machine.",
    }),
  },
  {
    seen: /^E: Held packages were changed/m,
    explain: () => ({
      happened: "a package that is held would change",
      advice: "See which are held with `apt-mark showhold` in the machine, and release them with `apt-mark unhold`.",
    }),
  },
  {
    seen: /^E: Unmet dependencies\. Try 'apt --fix-broken install'/m,
    explain: () => ({
      happened: "packages in the root lack others that they need",
      advice: "Repair them in the machine: apt-get --fix-broken install",
    }),
  },
  {
    seen: /^E: Release file for (\S+) is (?:expired|not valid yet)/m,
    explain: ([line, url]) => ({
      happened: line.includes("expired")
        ? `the mirror is out of date: ${url} has expired`
        : `${url} has a date in the future`,
      advice: line.includes("expired")
        ? "Use another mirror (`mirrors`). If this one is frozen on purpose, configure the host's apt for it, and builds follow: " +
          `echo 'Acquire::Check-Valid-Until "false";' | sudo tee /etc/apt/apt.conf.d/90-frozen-mirror`
        : "The host's clock seems to be wrong: check it with `timedatectl`.",
    }),
  },
  {
    seen: /The repository '([^']+)' (?:does not have a Release file|no longer has a Release file)|Failed getting release file (\S+)/,
    explain: ([, repository, url], { suite }) => ({
      happened: `the mirror does not have ${suite}: ${repository ?? url}`,
      advice: "Check the suite and `mirrors`. Old releases move to a separate archive.",
    }),
  },
  {
    seen: /NO_PUBKEY|is not signed|signatures couldn't be verified|Release signed by unknown key|Missing key|Unable to locate signing key/,
    explain: () => ({
      happened: "the mirror is not signed by a key of the keyring",
      advice: "Install a current debian-archive-keyring on the host, or set `keyring` to the mirror's own.",
    }),
  },
  {
    seen: /executed natively nor via qemu|Unable to execute target architecture/,
    explain: (_match, { arch }) => ({
      happened: `the host cannot run ${arch} programs`,
      advice: "Install on the host: sudo apt-get install qemu-user-static binfmt-support arch-test",
    }),
  },
];

// The errors above can cause these, so they come last. Among these, the ones that name the mirror come first.
const UNREACHABLE =
  /(?:Could not connect to|Cannot initiate the connection to|Unable to connect to|Could not resolve|Temporary failure resolving|Failed to fetch|Connection (?:timed out|refused|failed)|unable to connect to)[^\n]*/;

/** Explains the last output of a builder or apt: the relevant lines, what happened, and what to do. */
export function explainBuildLog(inputs: RootfsInputs, output: string, unit: string): Explanation {
  const { disks, rest: log } = disksIn(output);
  const details = errorLines(log);
  const full = explainFullDisk(log, disks);
  if (full !== undefined) return { ...full, details };
  const connection = UNREACHABLE.exec(log);
  const missing = PATTERNS.slice(0, 2).find(({ seen }) => seen.test(log));
  if (connection !== null && missing === undefined) {
    return {
      happened: "a mirror does not answer",
      advice:
        inputs.mirrors === undefined
          ? "The host's own apt uses it too, so `sudo apt-get update` on the host fails as well. Fix that, or set `mirrors`."
          : "Check `mirrors`, and that the host can reach them.",
      details,
    };
  }
  for (const { seen, explain } of PATTERNS) {
    const match = seen.exec(log);
    if (match !== null) return { ...explain(match, inputs), details };
  }
  return { happened: "the work on the host failed", advice: `Full output: journalctl -u ${unit}`, details };
}

const SHOWN = 12;

/** The lines that programs mark as errors, or the last ones if there are none. */
function errorLines(log: string): string {
  const all = log.split("\n").filter((line) => line.trim() !== "");
  const marked = all.filter((line) => /^(?:E: |Err:|dpkg: error|W: Failed)/.test(line));
  return [...new Set(marked.length > 0 ? marked : all)].slice(-SHOWN).join("\n");
}
