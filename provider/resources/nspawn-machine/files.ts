import type { HostFile, OwnedFiles } from "../../host/files";
import type { Need } from "../../host/machines/plan";
import type { Script } from "../../remote";
import { nspawnFilePath, renderNspawnFile } from "../../systemd/nspawn-file";
import { type Entry, RESET } from "../../systemd/settings-file";
import { dropInPath, renderDropIn } from "../../systemd/unit-file";
import { adoptedFile } from "./adopted";
import { type ExpectedLink, merge, type Part } from "./contribution";
import type { Granted, MachineInputs } from "./inputs";
import { bootPart, environmentPart, ephemeralPart, hostnamePart, startTimePart, timezonePart } from "./parts/boot";
import { capabilitiesPart } from "./parts/capabilities";
import { devicesPart } from "./parts/devices";
import { limitsPart } from "./parts/limits";
import { mountsPart } from "./parts/mounts";
import { nestingPart } from "./parts/nesting";
import { networksPart } from "./parts/networks";
import { orderPart } from "./parts/order";
import { privateUsersPart } from "./parts/private-users";
import { restartPart, watchdogPart } from "./parts/restart";
import { secretsPart } from "./parts/secrets";
import { settingsPart } from "./parts/settings";

/** What a machine owns on its host, and what has to be looked at and run for it there. */
export interface MachineFiles {
  readonly files: OwnedFiles;
  readonly links: readonly ExpectedLink[];
  readonly needs: readonly Need[];
  readonly locks: readonly Script[];
  readonly checks: readonly Script[];
  readonly settle: readonly Script[];
  readonly apply: readonly Script[];
  readonly release: readonly Script[];
}

/** In the order of their entries in the files. */
const PARTS: readonly Part[] = [
  bootPart,
  hostnamePart,
  startTimePart,
  ephemeralPart,
  environmentPart,
  timezonePart,
  privateUsersPart,
  capabilitiesPart,
  nestingPart,
  devicesPart,
  mountsPart,
  networksPart,
  settingsPart,
  limitsPart,
  secretsPart,
  restartPart,
  watchdogPart,
  orderPart,
];

/** What a machine's files say: a pure function of its inputs, and of what the host gave it. */
export function machineFiles(inputs: MachineInputs, granted: Granted = {}): MachineFiles {
  const parts = partsOf(inputs);
  const all = merge(parts.map((part) => part.of(inputs, granted)));
  const settings = settingsText(inputs, parts, all.nspawn);
  const service = [...all.unit, ...startEntries(all.commandLine)];
  return {
    files: {
      restart: new Map([
        ...optional(nspawnFilePath(inputs.name), settings, inputs.adopted === undefined ? "0600" : "any"),
        ...optional(dropInPath(inputs.name, "service"), service.length > 0 ? renderDropIn(service) : undefined),
        ...all.restart,
      ]),
      live: all.live,
    },
    links: all.links,
    needs: all.needs,
    locks: all.locks,
    checks: all.checks,
    settle: all.settle,
    apply: all.apply,
    release: all.release,
  };
}

/** A machine that was adopted keeps what it had where the program does not say anything. */
function partsOf({ adopted }: MachineInputs): readonly Part[] {
  if (adopted === undefined) return PARTS;
  return PARTS.filter(({ inputs }) => inputs.some((input) => adopted.given.includes(input)));
}

function settingsText(
  { adopted, ...inputs }: MachineInputs,
  parts: readonly Part[],
  entries: readonly Entry[],
): string | undefined {
  if (adopted === undefined) return renderNspawnFile(entries);
  return adoptedFile(
    adopted.text,
    parts.flatMap((part) => part.owns(inputs)),
    entries,
  );
}

function optional(path: string, text: string | undefined, mode: HostFile["mode"] = "0600"): [string, HostFile][] {
  return text === undefined ? [] : [[path, { text, mode }]];
}

/** The command line of systemd-nspawn@.service with arguments added, which systemd takes only as a whole new one. */
function startEntries(more: readonly string[]): Entry[] {
  if (more.length === 0) return [];
  const shipped =
    "systemd-nspawn --quiet --keep-unit --boot --link-journal=try-guest --network-veth -U --settings=override --machine=%i";
  const start = (value: Entry["value"]): Entry => ({ section: "Service", key: "ExecStart", value });
  return [start(RESET), start([shipped, ...more].join(" "))];
}
