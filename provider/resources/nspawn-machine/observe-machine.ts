import { fileDrift } from "../../host/drift";
import { ownerIn } from "../../host/ownership";
import { type Answer, first } from "../../remote";
import { knownAddresses } from "./allocation";
import { machineFiles } from "./machine-files";
import { generationOf, type MachineState } from "./machine-inputs";
import type { MachineOutputs } from "./machine-outputs";

/** The outputs in a machine's answers. No other code turns answers into outputs. */
export function observed(name: string, answers: readonly Answer[]): Omit<MachineOutputs, "owner" | "unit"> {
  const values = (key: string) =>
    answers.filter((answer) => answer.key === key && answer.values[0] === name).map((a) => a.values[1] ?? "");
  const value = (key: string) => values(key).find((text) => text !== "");
  const addresses = values("address");
  const leader = Number.parseInt(value("leader") ?? "", 10);
  const active = value("active") === "active";
  return {
    machineId: machineIdOf(answers),
    state: active ? (value("system-state") ?? "active") : (value("active") ?? "inactive"),
    addresses,
    ...(addresses[0] !== undefined && { address: addresses[0] }),
    ...(value("interface") !== undefined && { interface: value("interface") }),
    ...(value("boot-id") !== undefined && { bootId: value("boot-id") }),
    ...(Number.isInteger(leader) && { leader }),
  };
}

export function machineIdOf(answers: readonly Answer[]): string | undefined {
  return first(answers, "machine-id");
}

/** A machine as found in the inventory: inputs as they are on the host, and other differences as `drift`. */
export function readMachine(state: MachineState, answers: readonly Answer[]): MachineState | "gone" {
  const { name } = state;
  const marker = answers.find((answer) => answer.key === "machine" && answer.values[0] === name)?.values[1];
  if (marker === undefined || ownerIn(marker) !== state.owner) return "gone";
  const now = observed(name, answers);
  const active = answers.some(
    (answer) => answer.key === "active" && answer.values[0] === name && answer.values[1] === "active",
  );
  const enabled = answers.find((answer) => answer.key === "enabled" && answer.values[0] === name)?.values[1];
  const { files } = machineFiles(state, state);
  const { address: _address, interface: _interface, bootId: _bootId, leader: _leader, ...kept } = state;
  return {
    ...kept,
    ...now,
    ...knownAddresses(state.networks, state.leases),
    machineId: state.machineId,
    running: active,
    autostart: enabled === "enabled",
    drift: {
      ...fileDrift(new Map([...files.restart, ...files.live]), answers, "machine-file", name),
      ...rootDrift(state, answers),
    },
  };
}

function rootDrift({ name, rootfs }: MachineState, answers: readonly Answer[]): Record<string, string> {
  const holder = answers.find((answer) => answer.key === "generation" && answer.values[0] === name)?.values[1];
  const wanted = generationOf(rootfs);
  return holder && wanted !== "" && holder !== wanted
    ? { rootfs: `the machine runs from the generation ${holder} of its root, not from ${wanted}` }
    : {};
}
