import type { HostFile } from "../../host/files";
import type { Need } from "../../host/machines/plan";
import type { Script } from "../../remote";
import type { Entry } from "../../systemd/settings-file";
import type { Granted, MachineInputs } from "./inputs";

/** A link that a machine waits for before it counts as networked. */
export interface ExpectedLink {
  /** The end inside. */
  readonly inside: string;
  /** The address it gets; any IPv4 address where that is not known before. */
  readonly address?: string;
}

/** What one part of a machine's inputs asks for on the host: data, made without looking there. */
export interface Contribution {
  /** Entries of the `.nspawn` file. */
  readonly nspawn?: readonly Entry[];
  /** Entries of the unit's drop-in; a change takes effect at the next start. */
  readonly unit?: readonly Entry[];
  /** Arguments of systemd-nspawn(1) for what no `.nspawn` file can say, quoted for a unit file. */
  readonly commandLine?: readonly string[];
  /** Further files that the machine reads when it starts. */
  readonly restart?: ReadonlyMap<string, HostFile>;
  /** Further files that take effect at once. */
  readonly live?: ReadonlyMap<string, HostFile>;
  readonly links?: readonly ExpectedLink[];
  /** What only a newer systemd knows. */
  readonly needs?: readonly Need[];
  /** Run on the host before the checks, and before files are removed: locks under which others read these files. */
  readonly locks?: readonly Script[];
  /** Run on the host before anything is changed there; they may refuse. What several parts have in common runs once. */
  readonly checks?: readonly Script[];
  /** Run as soon as the files are in place: what is locked is still locked, and can be let go. */
  readonly settle?: readonly Script[];
  /** Run on the host whenever the files are in place, before the start; they look before they change anything. */
  readonly apply?: readonly Script[];
  /** Run on the host when the machine's files are gone. */
  readonly release?: readonly Script[];
}

/** One part of a machine. */
export interface Part {
  /** Inputs that ask for it. A machine that was adopted keeps what it had where the program gives none of them. */
  readonly inputs: readonly string[];
  /** Keys that are this part's alone, as `Exec.Hostname` or `Network.*`: where it is asked for, an adopted file loses them. */
  readonly owns: (inputs: MachineInputs) => readonly string[];
  readonly of: (inputs: MachineInputs, granted: Granted) => Contribution;
}

/** All parts as one. */
export function merge(parts: readonly Contribution[]): Required<Contribution> {
  return {
    nspawn: parts.flatMap((part) => part.nspawn ?? []),
    unit: parts.flatMap((part) => part.unit ?? []),
    commandLine: parts.flatMap((part) => part.commandLine ?? []),
    restart: new Map(parts.flatMap((part) => [...(part.restart ?? [])])),
    live: new Map(parts.flatMap((part) => [...(part.live ?? [])])),
    links: parts.flatMap((part) => part.links ?? []),
    needs: parts.flatMap((part) => part.needs ?? []),
    locks: distinct(parts.flatMap((part) => part.locks ?? [])),
    checks: distinct(parts.flatMap((part) => part.checks ?? [])),
    settle: distinct(parts.flatMap((part) => part.settle ?? [])),
    apply: distinct(parts.flatMap((part) => part.apply ?? [])),
    release: distinct(parts.flatMap((part) => part.release ?? [])),
  };
}

/** Each script once, in the order of its first place. */
export function distinct(scripts: readonly Script[]): Script[] {
  return [...new Map(scripts.map((script) => [script.text, script])).values()];
}
