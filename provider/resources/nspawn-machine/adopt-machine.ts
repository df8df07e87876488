import { type Adoption, holdsUnknown, secretsIn } from "../../dynamic";
import { type Adoptable, adoptable, adoptablesOf } from "../../host/adoptable";
import { IMAGES } from "../../host/roots/images";
import { messageOf, run } from "../../remote";
import { nspawnFilePath } from "../../systemd/nspawn-file";
import { parseSettings } from "../../systemd/settings-parser";
import { targetOf } from "../on-host";
import { carryOver, fileChange, missingLines } from "./adopted-changes";
import { type Adopted, adoptedSchema } from "./adopted-file";
import { machineFiles } from "./machine-files";
import { type MachineInputs, machineInputs } from "./machine-inputs";

/** Looks for a machine that was made by hand, and reports what adopting it with the program's inputs would change. */
export async function adoptMachine(
  inputs: Readonly<Record<string, unknown>>,
  given: readonly string[],
): Promise<Adoption> {
  const unknown = Object.keys(inputs).filter((key) => holdsUnknown(inputs[key]));
  const known = Object.fromEntries(Object.entries(inputs).filter(([key]) => !unknown.includes(key)));
  const wanted = machineInputs.parse({ rootfs: "unknown", ...known });
  const answers = await run(targetOf(wanted), adoptable(wanted.name), {
    attempt: `look at the machine "${wanted.name}" to adopt it`,
    timeoutSeconds: wanted.timeouts.read,
    retry: true,
  });
  const [found] = adoptablesOf(answers);
  if (found === undefined || !isThere(found)) return { notes: [`adopt: there is no machine "${wanted.name}" yet`] };
  const refusal = unadoptable(found);
  if (refusal !== undefined) return { refusals: [`adopt: ${refusal}`] };
  const adopted = adoptedSchema.parse({
    text: found.settings?.text ?? "",
    running: found.running,
    autostart: found.autostart,
    given,
  });
  const carried = carryOver(adopted, given, inputs);
  const missing = missingLines(carried.adopted);
  if (missing.length > 0) return { refusals: missing };
  const later = unknown.filter((key) => key !== "rootfs");
  return {
    inputs: carried,
    notes: [
      ...changesOf(machineInputs.parse({ ...wanted, ...carried }), adopted, secretsIn(inputs).length === 0),
      ...(later.length > 0 ? [`adopt: what ${later.join(" and ")} will change is known once they exist`] : []),
    ],
  };
}

function isThere({ root, elsewhere, settings, running, autostart }: Adoptable): boolean {
  return root !== undefined || elsewhere !== undefined || settings !== undefined || running || autostart;
}

/** Why a machine cannot be adopted as it is, with what to do. */
export function unadoptable(found: Adoptable): string | undefined {
  return found.elsewhere ?? untrusted(found) ?? unreadable(found);
}

/** If we adopted such a file, its settings would suddenly be trusted. */
function untrusted({ settings }: Adoptable): string | undefined {
  if (!settings?.path.startsWith(IMAGES)) return undefined;
  return (
    `systemd-nspawn does not trust the settings in ${settings.path} and ignores some of them (systemd.nspawn(5)). ` +
    `If they are yours, move the file on the host: sudo mv ${settings.path} /etc/systemd/nspawn/`
  );
}

function unreadable({ settings }: Adoptable): string | undefined {
  try {
    parseSettings(settings?.text ?? "");
    return undefined;
  } catch (error) {
    return `systemd-nspawn cannot read ${settings?.path}: ${messageOf(error)}. Fix or remove it on the host.`;
  }
}

function changesOf(wanted: MachineInputs, adopted: Adopted, showsText: boolean): string[] {
  const path = nspawnFilePath(wanted.name);
  const { files } = machineFiles(wanted);
  const text = fileChange(wanted.name, adopted.text, files.restart.get(path)?.text ?? "", showsText);
  const added = (effect: string, paths: Iterable<string>) => {
    const others = [...paths].filter((other) => other !== path);
    return others.length === 0 ? [] : [`${effect}these files are added: ${others.join(", ")}`];
  };
  const changes = [
    ...(text === undefined ? [] : [`restart: ${text}`]),
    ...added("restart: ", files.restart.keys()),
    ...added("", files.live.keys()),
    ...(wanted.running === adopted.running ? [] : [wanted.running ? "it is started" : "it is stopped"]),
    ...(wanted.autostart === adopted.autostart
      ? []
      : [wanted.autostart ? "it is enabled at boot" : "it is disabled at boot"]),
  ];
  return (changes.length === 0 ? ["nothing changes"] : changes).map((change) => `adopt: ${change}`);
}
