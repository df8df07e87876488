import type { z } from "zod";
import type { HostFile } from "../../host/files";
import type { Need } from "../../host/machines/machine-plan";
import type { Script } from "../../remote";
import type { Entry } from "../../systemd/settings-file";
import type { Granted } from "./machine-outputs";

/** A link that a machine waits for before it counts as networked. */
export interface ExpectedLink {
  /** The end inside. */
  readonly inside: string;
  /** The address it gets; any IPv4 address if that is not known before. */
  readonly address?: string;
}

/** What a section asks for on the host: data, made without looking there. */
export interface Rendered {
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
  /** Run on the host before anything is changed there; they may refuse. What several sections have in common runs once. */
  readonly checks?: readonly Script[];
  /** Run as soon as the files are written: what is locked is still locked, and can be let go. */
  readonly settle?: readonly Script[];
  /** Run on the host whenever the files are written, before the start; they look before they change anything. */
  readonly apply?: readonly Script[];
  /** Run on the host when the machine's files are gone. */
  readonly release?: readonly Script[];
}

/** Inputs as a check has them: any value may be unknown. */
type Unchecked = Readonly<Record<string, unknown>>;

/**
 * One input of a machine, or a few that make one thing, as a module of `inputs/` exports it: their schemas, what they render, and
 * what they refuse. `Reads` are the inputs that it looks at, its own and others.
 */
export interface Section<Reads> {
  /** Its own inputs: docstring, schema, default and effect of each. */
  readonly inputs: z.core.$ZodShape;
  /** Inputs that ask for it. An adopted machine keeps what it had if the program gives none of them. @default its own */
  readonly askedBy?: readonly string[];
  /** Keys that are its alone, as `Exec.Hostname` or `Network.*`: if it is asked for, an adopted file loses them. @default none */
  readonly keys?: readonly string[] | ((inputs: Reads) => readonly string[]);
  /** What it asks for on the host. */
  readonly render: (inputs: Reads, granted: Granted) => Rendered;
  /** Sentences that refuse what cannot start, before anything is done. @default none */
  readonly refuse?: (inputs: Reads) => readonly string[];
  /** What the user should know before anything is done; `olds` are empty at first. @default nothing */
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

/** All sections as one. */
export function merge(all: readonly Rendered[]): Required<Rendered> {
  return {
    nspawn: all.flatMap((one) => one.nspawn ?? []),
    unit: all.flatMap((one) => one.unit ?? []),
    commandLine: all.flatMap((one) => one.commandLine ?? []),
    restart: new Map(all.flatMap((one) => [...(one.restart ?? [])])),
    live: new Map(all.flatMap((one) => [...(one.live ?? [])])),
    links: all.flatMap((one) => one.links ?? []),
    needs: all.flatMap((one) => one.needs ?? []),
    locks: distinct(all.flatMap((one) => one.locks ?? [])),
    checks: distinct(all.flatMap((one) => one.checks ?? [])),
    settle: distinct(all.flatMap((one) => one.settle ?? [])),
    apply: distinct(all.flatMap((one) => one.apply ?? [])),
    release: distinct(all.flatMap((one) => one.release ?? [])),
  };
}

/** Each script once, in the order of its first place. */
export function distinct(scripts: readonly Script[]): Script[] {
  return [...new Map(scripts.map((script) => [script.text, script])).values()];
}
