import type { z } from "zod";
import type { HostFile } from "../../host/files";
import type { Need } from "../../host/machines/machine-plan";
import type { MountedSource } from "../../host/mounts/mounted-sources";
import type { HostLink } from "../../host/networks/links";
import type { Script } from "../../remote";
import type { ItemsOf } from "../../systemd/entry-items";
import type { Entry } from "../../systemd/settings-file";
import type { Allocation } from "./machine-outputs";

/** A link that a machine waits for before it counts as networked. */
interface ExpectedLink {
  /** The end inside. */
  readonly guestInterface: string;
  /** The address it gets; any IPv4 address if it is not known in advance. */
  readonly address?: string;
}

/** What a section needs on the host: plain data, created without looking there. */
export interface Rendered {
  /** Entries of the `.nspawn` file. */
  readonly nspawn?: readonly Entry[];
  /** Entries of the unit's drop-in; a change takes effect at the next start. */
  readonly unit?: readonly Entry[];
  /** Arguments of systemd-nspawn(1) for settings that a `.nspawn` file does not support, quoted for a unit file. */
  readonly commandLine?: readonly string[];
  /** Additional files that the machine reads when it starts. */
  readonly restart?: ReadonlyMap<string, HostFile>;
  /** Additional files that take effect at once. */
  readonly live?: ReadonlyMap<string, HostFile>;
  readonly links?: readonly ExpectedLink[];
  /** The host's ends of its links. */
  readonly hostLinks?: readonly HostLink[];
  /** Directories of the host that are mounted in it. */
  readonly mounted?: readonly MountedSource[];
  /** Features that need a newer systemd. */
  readonly needs?: readonly Need[];
  /**
   * Run on the host before the preflight, and before files are removed: takes locks that other readers of these files
   * use.
   */
  readonly locks?: readonly Script[];
  /**
   * Run on the host before anything is changed there; they may refuse. A script shared by several sections runs once.
   */
  readonly preflight?: readonly Script[];
  /** Run as soon as the files are written. The locks are still held, and can be released. */
  readonly afterWrite?: readonly Script[];
  /** Run on the host whenever the files are written, before the start. They check before they change anything. */
  readonly beforeStart?: readonly Script[];
  /** Run on the host after the machine's files are removed. */
  readonly cleanup?: readonly Script[];
}

/** Inputs as a check has them: any value may be unknown. */
type Unchecked = Readonly<Record<string, unknown>>;

/**
 * One input of a machine, or a few that belong together, as a module of `inputs/` exports it: their schemas, what they
 * render, and what they refuse. `Reads` are the inputs that it reads, its own and others.
 */
export interface Section<Reads> {
  /** Its own inputs: docstring, schema, default and effect of each. */
  readonly inputs: z.core.$ZodShape;
  /**
   * Inputs that activate it. An adopted machine keeps its own values if the program gives none of them.
   * @default its own
   */
  readonly askedBy?: readonly string[];
  /**
   * Keys that only it writes, such as `Exec.Hostname` or `Network.*`. If it is active, they are removed from an adopted
   * file.
   * @default none
   */
  readonly keys?: readonly string[] | ((inputs: Reads) => readonly string[]);
  /**
   * How values in a file list what this input lists, such as variables. Those that an adopted file has and the program
   * does not name stay.
   * @default none
   */
  readonly items?: ItemsOf;
  /** What it needs on the host. */
  readonly render: (inputs: Reads, allocation: Allocation) => Rendered;
  /** Sentences that refuse inputs with which the machine cannot start, before anything is done. @default none */
  readonly validate?: (inputs: Reads) => readonly string[];
  /** Warnings to show before anything is done; `olds` are empty at first. @default nothing */
  readonly warn?: (inputs: Unchecked, olds: Unchecked) => readonly string[];
}

/** The values of inputs as a section reads them. */
export type Values<Inputs extends z.core.$ZodShape> = z.infer<z.ZodObject<Inputs>>;

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

interface WithInputs {
  readonly inputs: z.core.$ZodShape;
}
export type InputsOf<One extends WithInputs> = Intersection<One["inputs"]>;

/** The inputs of all sections. */
export function inputsOf<One extends WithInputs>(sections: readonly One[]): InputsOf<One>;
export function inputsOf(sections: readonly WithInputs[]): z.core.$ZodShape {
  return Object.fromEntries(sections.flatMap(({ inputs }) => Object.entries(inputs)));
}

/** All sections merged into one. */
export function merge(all: readonly Rendered[]): Required<Rendered> {
  return {
    nspawn: all.flatMap((one) => one.nspawn ?? []),
    unit: all.flatMap((one) => one.unit ?? []),
    commandLine: all.flatMap((one) => one.commandLine ?? []),
    restart: new Map(all.flatMap((one) => [...(one.restart ?? [])])),
    live: new Map(all.flatMap((one) => [...(one.live ?? [])])),
    links: all.flatMap((one) => one.links ?? []),
    hostLinks: all.flatMap((one) => one.hostLinks ?? []),
    mounted: all.flatMap((one) => one.mounted ?? []),
    needs: all.flatMap((one) => one.needs ?? []),
    locks: distinct(all.flatMap((one) => one.locks ?? [])),
    preflight: distinct(all.flatMap((one) => one.preflight ?? [])),
    afterWrite: distinct(all.flatMap((one) => one.afterWrite ?? [])),
    beforeStart: distinct(all.flatMap((one) => one.beforeStart ?? [])),
    cleanup: distinct(all.flatMap((one) => one.cleanup ?? [])),
  };
}

/** Each script once, in order of first use. */
export function distinct(scripts: readonly Script[]): Script[] {
  return [...new Map(scripts.map((script) => [script.text, script])).values()];
}
