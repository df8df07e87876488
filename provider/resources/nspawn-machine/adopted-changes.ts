import { type Adoption, type Change, EFFECTS, type Effect, holdsUnknown, isRecord, secretsIn } from "../../dynamic";
import { difference } from "../../host/drift";
import type { OwnedFiles } from "../../host/files";
import { nspawnFilePath } from "../../systemd/nspawn-file";
import { type Adopted, adoptedSchema, linesOf, takenBy, unknownLines } from "./adopted-file";
import { adoptedMeetings, machineFiles } from "./machine-files";
import { type MachineInputs, machineInputs } from "./machine-inputs";

type Bag = Readonly<Record<string, unknown>>;

/** Inputs with which nothing but an adopted file changes. */
const OF_ADOPTION = ["adopt", "adopted"];

type Carried = {
  readonly adopted: Adopted;
  readonly running?: boolean;
  readonly autostart?: boolean;
};

/** The machine's own values apply wherever the program sets none. */
export function carryOver(adopted: Adopted, given: readonly string[], inputs: Bag): Carried {
  const { adopt } = inputs;
  const without = isRecord(adopt) && Array.isArray(adopt.without) ? adopt.without : adopted.without;
  const now = adoptedSchema.parse({ ...adopted, given: [...given].sort(), without });
  const own = {
    ...(!given.includes("running") && { running: adopted.running }),
    ...(!given.includes("autostart") && { autostart: adopted.autostart }),
  };
  const wanted = knownInputs({ ...inputs, ...own, adopted: now });
  return { adopted: wanted === undefined ? now : { ...now, taken: takenBy(now, adoptedMeetings(wanted)) }, ...own };
}

/** What is known of a machine's inputs, with defaults for the rest; `undefined` if even that makes no machine. */
function knownInputs(inputs: Bag): MachineInputs | undefined {
  const known = Object.fromEntries(Object.entries(inputs).filter(([, value]) => !holdsUnknown(value)));
  return machineInputs.safeParse({ rootfs: "unknown", ...known }).data;
}

/** The same machine in a later check: its own values, and what the program changes in its file. */
export function readopted(found: Bag, given: readonly string[], inputs: Bag, before: Bag): Adoption {
  const carried = carryOver(adoptedSchema.parse(found), given, inputs);
  const refusals = missingLines(carried.adopted);
  if (refusals.length > 0) return { refusals };
  const former = machineInputs.safeParse(before).data;
  const wanted = machineInputs.safeParse({ ...inputs, ...carried }).data;
  if (former === undefined || wanted === undefined) return { inputs: carried };
  const showsText = secretsIn(before).length === 0 && secretsIn(inputs).length === 0;
  const note = fileChange(wanted.name, settingsOf(former), settingsOf(wanted), showsText);
  return { inputs: carried, notes: note === undefined ? [] : [note] };
}

/** Refuses lines to leave out that the file does not have. */
export function missingLines(adopted: Adopted): string[] {
  return unknownLines(adopted).map(
    (line) =>
      `adopt.without: ${JSON.stringify(line)} is no line of the .nspawn file that was adopted. Its lines: ` +
      `${
        linesOf(adopted)
          .map((one) => JSON.stringify(one))
          .join(", ") || "none"
      }.`,
  );
}

/** How a `.nspawn` file changes, as a preview says it; `undefined` if it stays as it is. */
export function fileChange(name: string, before: string, after: string, showsText: boolean): string | undefined {
  if (before === after) return undefined;
  return `${nspawnFilePath(name)} changes${showsText ? `:\n${difference(before, after)}` : ""}`;
}

function settingsOf(inputs: MachineInputs): string {
  return machineFiles(inputs).files.restart.get(nspawnFilePath(inputs.name))?.text ?? "";
}

/**
 * Which inputs the program gives decides what of an adopted machine's own values applies. That has the effect of the
 * files that differ by it, unless another input's change already says so.
 */
export function adoptionEffects(found: readonly Change[], state: Bag, news: Bag): readonly Change[] {
  if (!found.some(({ key }) => OF_ADOPTION.includes(key))) return found;
  const before = machineInputs.safeParse(state).data;
  const after = machineInputs.safeParse(news).data;
  if (before === undefined || after === undefined) return found;
  const effect = effectOfFiles(machineFiles(before).files, machineFiles(after).files);
  const rank = (one: Effect) => EFFECTS.indexOf(one);
  const isSaid = found.some((change) => !OF_ADOPTION.includes(change.key) && rank(change.effect) >= rank(effect));
  return found.map((change) => (change.key === "adopted" ? { ...change, effect: isSaid ? "state" : effect } : change));
}

function effectOfFiles(before: OwnedFiles, after: OwnedFiles): Effect {
  if (textsOf(before.restart) !== textsOf(after.restart)) return "restart";
  return textsOf(before.live) === textsOf(after.live) ? "state" : "live";
}

function textsOf(files: OwnedFiles["restart"]): string {
  return JSON.stringify([...files].map(([path, { text }]) => [path, text]).sort());
}
