import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestHost } from "../support/hosts";

/** The prefix of lines about a user's files, which must not be lost. */
const KEPT = "kept ";

/** The prefix of lines about what is known only until the host boots again, and then made again if it is needed. */
const RUNTIME = "runtime ";

/** What comes and goes by itself, whatever Pulumi does. */
const PASSING = [
  /^unit(-file)? (session-|user@|user-|user-runtime|run-credentials|.*\.device|.*\.swap|sys-|dev-|proc-|polkit|packagekit|apt-|dpkg-|fstrim|e2scrub|man-db|motd-|logrotate)/,
  /^unit systemd-(hostnamed|timedated|localed|importd|tmpfiles-clean|logind|userdbd|timesyncd|journald|udevd|ask-password|update|machined|oomd|fsck|growfs|pcr|quota|random|remount|sysctl|modules|rfkill|networkd-persistent)/,
  /^unit (blockdev@|run-user-|ssh@|sshd@|machine-|machine\.slice|initrd|emergency|rescue|plymouth|auditd|getty|container-getty|serial-getty|system-[a-z-]*\.slice|time-set|quotaon|modprobe@|rc-local|autofs|first-boot|ldconfig|nss-user|syslog|sysinit|remote-|network-|apparmor|connman|console|cloud|NetworkManager|dbus-org|fuse|openvswitch|postfix|display-manager)/,
  /^unit var-lib-machines\.mount/,
  /^file \/etc\/(resolv\.conf|\.pwd\.lock|mtab|ld\.so\.cache|passwd-|group-|shadow-|gshadow-|subuid-|subgid-)/,
  /^file \/etc\/machine-id/,
  /^checksum .* \/etc\/(resolv\.conf|\.pwd\.lock|mtab|ld\.so\.cache|passwd-|group-|shadow-|gshadow-|machine-id)/,
  /^file \/(root|home)\/.*(\.lesshst|\.bash_history|\.cache|\.viminfo|\.motd)/,
  /^content [^:]*: *"(created|identity|acknowledged|bootId)": /,
  // Whether something was reloaded, or apt's sources were asked for, since the boot matters to nothing.
  /^runtime \/run\/pulumi-nspawn\/(coalesced|sources-)/,
  // The boot of a test host sets its default route, and networkd's own one takes its place sooner or later.
  /^route default via /,
  /^mount \/run\/(systemd\/(nspawn|inaccessible|incoming)|user)/,
];

/** Removes what is random or a matter of time from a line. */
export function normalised(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?/g, "TIME")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "UUID")
    .replace(/\b[0-9a-f]{12,}\b/g, "HEX")
    .replace(/(@|\.pulumi-[^\s/]*\.|")(?:[a-km-np-z2-9]{8}){1,4}(?=["./\s]|$)/g, "$1ID")
    .replace(/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, "MAC")
    .replace(/\b\d{5,}\b/g, "NUMBER");
}

export function censusOf(text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !PASSING.some((passing) => passing.test(line)));
  return lines.map((line) => (line.startsWith(KEPT) ? line : normalised(line))).sort();
}

/** How a host differs from one on which nothing went wrong. */
export interface Difference {
  /** A user's files that are gone. */
  readonly lost: readonly string[];
  /** What should not be there. */
  readonly orphans: readonly string[];
  /** What state says, and the host has not. */
  readonly missing: readonly string[];
}

/** Lines may be there several times: each counts. */
export function compare(expected: readonly string[], found: readonly string[]): Difference {
  const gone = without(expected, found);
  const more = without(found, expected);
  return {
    lost: gone.filter(isKept),
    missing: gone.filter((line) => !isKept(line) && !line.startsWith(RUNTIME)),
    // A fault that ended a run early may well have saved a file that the run removes.
    orphans: more.filter((line) => !isKept(line)),
  };
}

/** The smallest difference to any of several. */
export function closest(expected: readonly (readonly string[])[], found: readonly string[]): Difference {
  const size = ({ lost, orphans, missing }: Difference) => lost.length + orphans.length + missing.length;
  const [first, ...others] = expected.map((one) => compare(one, found));
  if (first === undefined) throw new Error("there is nothing to compare with");
  return others.reduce((best, other) => (size(other) < size(best) ? other : best), first);
}

function isKept(line: string): boolean {
  return line.startsWith(KEPT);
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}

/** Takes the census of a host, with the facts of a program. */
export async function takeCensus(host: TestHost, facts: string): Promise<string[]> {
  const script = await readFile(join(__dirname, "census.sh"), "utf8");
  const { stdout, stderr, exitCode } = await host.exec(`${script}\n( ${facts}\n: )`);
  if (exitCode !== 0) throw new Error(`the census of ${host.name} failed with exit status ${exitCode}: ${stderr}`);
  return censusOf(stdout);
}
