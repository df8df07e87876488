import { machineFiles } from "../../../../provider/resources/nspawn-machine/machine-files";
import { type MachineInputs, machineInputs } from "../../../../provider/resources/nspawn-machine/machine-inputs";

const base = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };

/** Inputs of a machine "web", as a check makes them. */
export function machine(inputs: object): MachineInputs {
  return machineInputs.parse({ ...base, ...inputs });
}

/** The texts of its files, by path. */
export function filesOf(inputs: object): Record<string, string> {
  const { restart, live } = machineFiles(machine(inputs)).files;
  return Object.fromEntries([...restart, ...live].map(([path, { text }]) => [path, text]));
}

/** The lines of its `.nspawn` file. */
export function nspawnLines(inputs: object): string[] {
  return (filesOf(inputs)["/etc/systemd/nspawn/web.nspawn"] ?? "").split("\n");
}

/** The lines of one of its unit's drop-ins. */
export function dropInLines(part: string, inputs: object): string[] {
  const path = `/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-${part}.conf`;
  return (filesOf(inputs)[path] ?? "").split("\n").filter((line) => line !== "");
}
