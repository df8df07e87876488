import type { HostFile, OwnedFiles } from "../../host/files";
import { nspawnFilePath, renderNspawnFile } from "../../systemd/nspawn-file";
import { type Entry, RESET } from "../../systemd/settings-file";
import { dropInPath, renderDropIn } from "../../systemd/unit-file";
import { adoptedFile } from "./adopted-file";
import { type MachineInputs, SECTIONS } from "./machine-inputs";
import type { Allocation } from "./machine-outputs";
import { merge, type Rendered, type Section } from "./section";
import { type UnitSetting, unitSettingsOf } from "./unit-settings";

/** What a machine owns on its host, and what to check and run for it there. */
export interface MachineFiles extends Omit<Required<Rendered>, "nspawn" | "unit" | "commandLine" | "restart" | "live"> {
  readonly files: OwnedFiles;
  /** What its unit's drop-ins set. */
  readonly unitSettings: readonly UnitSetting[];
}

/** A machine's files: a pure function of its inputs, and of what the host assigned. */
export function machineFiles(inputs: MachineInputs, allocation: Allocation = {}): MachineFiles {
  const sections = sectionsOf(inputs);
  const rendered = sections.map((section) => ({ section, rendered: section.render(inputs, allocation) }));
  const { nspawn, unit, commandLine, restart, live, ...rest } = merge(rendered.map((one) => one.rendered));
  const settings = settingsText(inputs, sections, nspawn);
  const start = startEntries(commandLine);
  const service = [...unit, ...start];
  return {
    ...rest,
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

function settingsText(
  inputs: MachineInputs,
  sections: readonly Section<MachineInputs>[],
  entries: readonly Entry[],
): string | undefined {
  const { adopted } = inputs;
  if (adopted === undefined) return renderNspawnFile(entries);
  const keys = sections.flatMap(({ keys = [] }) => (typeof keys === "function" ? keys(inputs) : keys));
  return adoptedFile(adopted.text, keys, entries);
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
