import { type Adoption, holdsUnknown, secretsIn } from "../../dynamic";
import { type Adoptable, adoptable, adoptablesOf } from "../../host/adoptable";
import { difference } from "../../host/drift";
import { IMAGES } from "../../host/roots/images";
import { run } from "../../remote";
import { nspawnFilePath } from "../../systemd/nspawn-file";
import { parseSettings } from "../../systemd/settings-parser";
import { targetOf } from "../on-host";
import type { Adopted } from "./adopted-file";
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
  const refusal = untrusted(found) ?? unreadable(found);
  if (refusal !== undefined) return { refusals: [refusal] };
  const adopted = {
    text: found.settings?.text ?? "",
    running: found.running,
    autostart: found.autostart,
    given: [...given],
  };
  const carried = carryOver(adopted, given);
  const later = unknown.filter((key) => key !== "rootfs");
  return {
    inputs: carried,
    notes: [
      ...changesOf(machineInputs.parse({ ...wanted, ...carried }), adopted, secretsIn(inputs).length === 0),
      ...(later.length > 0 ? [`adopt: what ${later.join(" and ")} will change is known once they exist`] : []),
    ],
  };
}

/** The machine's own values apply wherever the program sets none. */
export function carryOver(adopted: Adopted, given: readonly string[]): Record<string, unknown> {
  return {
    adopted: { ...adopted, given: [...given].sort() },
    ...(!given.includes("running") && { running: adopted.running }),
    ...(!given.includes("autostart") && { autostart: adopted.autostart }),
  };
}

function isThere({ root, settings, running, autostart }: Adoptable): boolean {
  return root !== undefined || settings !== undefined || running || autostart;
}

/** If we adopted such a file, its settings would suddenly be trusted. */
function untrusted({ settings }: Adoptable): string | undefined {
  if (!settings?.path.startsWith(IMAGES)) return undefined;
  return (
    `adopt: systemd-nspawn does not trust the settings in ${settings.path} and ignores some of them (systemd.nspawn(5)). ` +
    `If they are yours, move the file on the host: sudo mv ${settings.path} /etc/systemd/nspawn/`
  );
}

function unreadable({ settings }: Adoptable): string | undefined {
  try {
    parseSettings(settings?.text ?? "");
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `adopt: systemd-nspawn cannot read ${settings?.path}: ${reason}. Fix or remove it on the host.`;
  }
}

function changesOf(wanted: MachineInputs, adopted: Adopted, showsText: boolean): string[] {
  const path = nspawnFilePath(wanted.name);
  const { files } = machineFiles(wanted);
  const text = files.restart.get(path)?.text ?? "";
  const others = [...files.restart.keys(), ...files.live.keys()].filter((other) => other !== path);
  const changes = [
    ...(text === adopted.text
      ? []
      : [`restart: ${path} changes${showsText ? `:\n${difference(adopted.text, text)}` : ""}`]),
    ...(others.length === 0 ? [] : [`these files are added: ${others.join(", ")}`]),
    ...(wanted.running === adopted.running ? [] : [wanted.running ? "it is started" : "it is stopped"]),
    ...(wanted.autostart === adopted.autostart
      ? []
      : [wanted.autostart ? "it is enabled at boot" : "it is disabled at boot"]),
  ];
  return (changes.length === 0 ? ["nothing changes"] : changes).map((change) => `adopt: ${change}`);
}
