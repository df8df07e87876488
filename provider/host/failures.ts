import { type CommandError, HostError, hostLines, plainLines, type RefusedError } from "../remote";
import { AGAIN, explainFullDisk } from "./disks";
import type { Sentence } from "./sentence";

interface Reason {
  readonly seen: RegExp;
  readonly explain: (match: RegExpExecArray) => Omit<Sentence, "details">;
}

/** What a host's programs say about the host itself when they fail, whatever they were doing. */
const REASONS: readonly Reason[] = [
  {
    seen: /Read-only file system/,
    explain: () => ({
      happened: "a file system of the host is read-only",
      advice: `Which ones: findmnt -O ro. One that became so by itself has errors: see \`sudo dmesg\`, and check it (fsck). If /etc is read-only on purpose, nothing can be managed there. ${AGAIN}`,
    }),
  },
  {
    seen: /Input\/output error|Structure needs cleaning|Bad message/,
    explain: () => ({
      happened: "the host's disk has errors",
      advice: `See \`sudo dmesg\`, and check the file system (fsck). ${AGAIN}`,
    }),
  },
  {
    seen: /Cannot allocate memory|[Oo]ut of memory|virtual memory exhausted/,
    explain: () => ({
      happened: "the host has no memory left",
      advice: `Free some, add swap, or let fewer operations run there at a time (\`parallel\` of the Host). ${AGAIN}`,
    }),
  },
  {
    seen: /Cannot fork|[Ff]ork: (?:retry: )?Resource temporarily unavailable|Failed to fork/,
    explain: () => ({
      happened: "the host can start no more processes",
      advice: `See how many there are (ps -e | wc -l), and the limits: \`sysctl kernel.pid_max\` and TasksMax of the user's slice. ${AGAIN}`,
    }),
  },
  {
    seen: /Too many open files/,
    explain: () => ({
      happened: "the host has too many open files or inotify instances",
      advice: `Raise \`sysctl fs.file-max\` or \`fs.inotify.max_user_instances\`; \`install: true\` on the Host does the latter. ${AGAIN}`,
    }),
  },
  {
    seen: /Failed to (?:connect to (?:system scope )?bus|get properties|activate service)|Failed to connect to [^\n]*bus|org\.freedesktop\.DBus\.Error|Transport endpoint is not connected/i,
    explain: () => ({
      happened: "systemd or D-Bus does not answer on the host",
      advice: `Look at it: systemctl is-system-running; systemctl status dbus systemd-machined systemd-networkd. Restart what hangs, or reboot the host. ${AGAIN}`,
    }),
  },
  {
    seen: /Unit (\S+) is masked/,
    explain: ([, unit]) => ({
      happened: `the unit ${unit} is masked on the host`,
      advice: `Somebody disabled it on purpose. To allow it again: sudo systemctl unmask ${unit}`,
    }),
  },
  {
    seen: /^(?:sh|\S*dash|\/bin\/sh): \d+: (?:eval: )?(\S+): (?:not found|Permission denied)/m,
    explain: ([, program]) => ({
      happened: `the program ${program} is missing on the host, or cannot be run`,
      advice: "Install the package that has it (apt-file search, or packages.debian.org), and run `pulumi up` again.",
    }),
  },
];

/**
 * A script that failed, without a reason of its own, as an error that the user understands. What a guest printed says
 * nothing about the host, except that its disk is full, which it shares.
 */
export function explainFailure(error: CommandError): HostError {
  const { parts, disks } = error;
  const stderr = plainLines(error.stderr);
  const full = explainFullDisk(stderr, disks);
  if (full !== undefined) return new HostError({ ...parts, ...full, details: lastLines(stderr), cause: error });
  for (const { seen, explain } of REASONS) {
    const match = seen.exec(hostLines(error.stderr));
    if (match !== null) return new HostError({ ...parts, ...explain(match), cause: error });
  }
  if (parts.advice !== undefined) return error;
  return new HostError({ ...parts, advice: adviceFor(stderr), cause: error });
}

/** A script that refused because a disk is full: what it refuses with is only what it was doing. */
export function explainFullRefusal(error: RefusedError): HostError | undefined {
  const said = error.parts.details ?? "";
  const full = explainFullDisk(said, error.disks);
  return full && new HostError({ ...error.parts, ...full, details: lastLines(said), cause: error });
}

function adviceFor(stderr: string): string {
  const again = "Run `pulumi up` again: what is already done is found and kept.";
  return stderr.trim() === ""
    ? `${again} The host's journal may show why: journalctl -n 50.`
    : `${again} Its last words:`;
}

const SHOWN = 3;

/** A program that finds a full disk says so for every file. */
function lastLines(text: string): string {
  return text.trim().split("\n").slice(-SHOWN).join("\n");
}
