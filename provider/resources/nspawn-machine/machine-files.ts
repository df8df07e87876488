import type { HostFile, OwnedFiles } from "../../host/files";
import { nspawnFilePath, renderNspawnFile } from "../../systemd/nspawn-file";
import { type Entry, RESET } from "../../systemd/settings-file";
import { dropInPath, renderDropIn } from "../../systemd/unit-file";
import { adoptedFile, type Meeting } from "./adopted-file";
import { type MachineInputs, SECTIONS } from "./machine-inputs";
import type { Allocation } from "./machine-outputs";
import { merge, type Rendered, type Section } from "./section";
import { type UnitSetting, unitSettingsOf } from "./unit-settings";

/** What a machine owns on its host, and what to check and run for it there. */
export interface MachineFiles extends Omit<Required<Rendered>, "nspawn" | "unit" | "commandLine" | "restart" | "live"> {
  readonly files: OwnedFiles;
  /** What its unit's drop-ins set. */
  readonly unitSettings: readonly UnitSetting[];
  /** The lines of an adopted `.nspawn` file that are ours, numbered from 1; `undefined` if all are. */
  readonly ownLines: readonly number[] | undefined;
}

/** A machine's files: a pure function of its inputs, and of what the host assigned. */
export function machineFiles(inputs: MachineInputs, allocation: Allocation = {}): MachineFiles {
  const sections = sectionsOf(inputs);
  const rendered = sections.map((section) => ({ section, rendered: section.render(inputs, allocation) }));
  const { nspawn, unit, commandLine, restart, live, ...rest } = merge(rendered.map((one) => one.rendered));
  const { text: settings, added: ownLines } = settingsFile(inputs, nspawn, () => meetingsOf(inputs, rendered));
  const start = startEntries(commandLine);
  const service = [...unit, ...start];
  return {
    ...rest,
    ownLines,
    unitSettings: [
      ...rendered.flatMap((one) => unitSettingsOf(inputs.name, one.section, one.rendered)),
      ...start.map((entry) => ({ ...entry, input: "unit" })),
    ],
    files: {
      restart: new Map([
        ...optional(nspawnFilePath(inputs.name), settings, inputs.adopted === undefined ? "0600" : "any"),
        ...optional(dropInPath(inputs.name, "service"), service.length > 0 ? renderDropIn(service) : undefined),
        ...restart,
      ]),
      live,
    },
  };
}

/** An adopted machine keeps what it had unless the program sets it. */
function sectionsOf({ adopted }: MachineInputs): readonly Section<MachineInputs>[] {
  if (adopted === undefined) return SECTIONS;
  return SECTIONS.filter(({ inputs, askedBy = Object.keys(inputs) }) =>
    askedBy.some((input) => adopted.given.includes(input)),
  );
}

/** What the program's inputs say about an adopted machine's `.nspawn` file. */
export function adoptedMeetings(inputs: MachineInputs): Meeting[] {
  return meetingsOf(
    inputs,
    sectionsOf(inputs).map((section) => ({ section, rendered: section.render(inputs, {}) })),
  );
}

interface RenderedSection {
  readonly section: Section<MachineInputs>;
  readonly rendered: Rendered;
}

function meetingsOf(inputs: MachineInputs, all: readonly RenderedSection[]): Meeting[] {
  return all.map(({ section: { keys = [], items, ...section }, rendered }) => ({
    input: Object.keys(section.inputs).join(),
    keys: typeof keys === "function" ? keys(inputs) : keys,
    items,
    entries: rendered.nspawn ?? [],
  }));
}

function settingsFile(
  { adopted }: MachineInputs,
  entries: readonly Entry[],
  meetings: () => readonly Meeting[],
): { readonly text: string | undefined; readonly added: readonly number[] | undefined } {
  if (adopted === undefined) return { text: renderNspawnFile(entries), added: undefined };
  return adoptedFile(adopted, meetings());
}

function optional(path: string, text: string | undefined, mode: HostFile["mode"] = "0600"): [string, HostFile][] {
  return text === undefined ? [] : [[path, { text, mode }]];
}

/** The command line of systemd-nspawn@.service with extra arguments. systemd accepts only a complete new one. */
function startEntries(more: readonly string[]): Entry[] {
  if (more.length === 0) return [];
  const shipped =
    "systemd-nspawn --quiet --keep-unit --boot --link-journal=try-guest --network-veth -U --settings=override --machine=%i";
  const start = (value: Entry["value"]): Entry => ({ section: "Service", key: "ExecStart", value });
  return [start(RESET), start([shipped, ...more].join(" "))];
}
