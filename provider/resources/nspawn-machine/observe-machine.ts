import { addressesOf, idOf, interfaceOf, machineIdIn } from "../../host/answered";
import { fileDrift } from "../../host/drift";
import { lostMounts } from "../../host/mounts/mounted-sources";
import { leadOf } from "../../host/mounts/sources-inventory";
import { linkDrift } from "../../host/networks/links";
import { tableDriftOf } from "../../host/networks/nft-table";
import { ownerIn } from "../../host/ownership";
import { type Answer, first } from "../../remote";
import { knownAddresses } from "./allocation";
import { type MachineFiles, machineFiles } from "./machine-files";
import { generationOf, type MachineState } from "./machine-inputs";
import type { MachineOutputs } from "./machine-outputs";
import { unitDrift } from "./unit-drift";

/** The outputs in a machine's answers. No other code turns answers into outputs. */
export function observed(name: string, answers: readonly Answer[]): Omit<MachineOutputs, "owner" | "unit"> {
  const values = (key: string) =>
    answers.filter((answer) => answer.key === key && answer.values[0] === name).map((a) => a.values[1] ?? "");
  const value = (key: string) => values(key).find((text) => text !== "");
  const addresses = addressesOf(values("address"));
  const link = interfaceOf(value("interface"));
  const boot = idOf(value("boot-id"));
  const leader = Number.parseInt(value("leader") ?? "", 10);
  const active = value("active") === "active";
  return {
    machineId: machineIdIn(answers),
    state: active ? (value("system-state") ?? "active") : (value("active") ?? "inactive"),
    addresses,
    ...(addresses[0] !== undefined && { address: addresses[0] }),
    ...(link !== undefined && { interface: link }),
    ...(boot !== undefined && { bootId: boot }),
    ...(Number.isInteger(leader) && { leader }),
  };
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
  const wanted = machineFiles(state, state);
  const { restart, live } = wanted.files;
  const { address: _address, interface: _interface, bootId: _bootId, leader: _leader, ...kept } = state;
  return {
    ...kept,
    ...now,
    ...knownAddresses(state.networks, state.leases),
    machineId: state.machineId,
    running: active,
    autostart: enabled === "enabled" && startsMachines(answers),
    drift: {
      ...fileDrift(new Map([...restart, ...live]), answers, "machine-file", name),
      ...unitDrift(state, wanted.unitSettings, answers),
      ...networksDrift(wanted, active, answers),
      ...mountsDrift(wanted, now.leader, answers),
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

/** A machine that is enabled only starts at boot if machines.target does. */
function startsMachines(answers: readonly Answer[]): boolean {
  const target = first(answers, "machines-target") ?? "enabled";
  return !["", "disabled", "masked", "masked-runtime", "not-found"].includes(target);
}

/** What the kernel has of its links while it runs, and of its ports in the table. */
function networksDrift(
  { hostLinks, links }: MachineFiles,
  active: boolean,
  answers: readonly Answer[],
): Record<string, string> {
  const lines = [
    ...(active ? hostLinks.map((link) => linkDrift(link, answers)) : []),
    ...links.map(({ address }) => (address === undefined ? "" : tableDriftOf(address, answers))),
  ].filter((text) => text !== "");
  return lines.length === 0 ? {} : { networks: lines.join("\n") };
}

function mountsDrift(
  { mounted }: MachineFiles,
  leader: number | undefined,
  answers: readonly Answer[],
): Record<string, string> {
  const lost = leader === undefined ? [] : lostMounts(mounted, leader, answers, (source) => leadOf(answers, source));
  return lost.length === 0 ? {} : { mounts: lost.map(({ source, target }) => `-${source}:${target}`).join("\n") };
}
