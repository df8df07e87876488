import { UNKNOWN } from "../../dynamic";
import { machineIdIn } from "../../host/answered";
import { ensureMachine } from "../../host/machines/ensure-machine";
import { markerPath } from "../../host/machines/functions";
import { underMachineLocks } from "../../host/machines/machine-locks";
import type { MachinePlan } from "../../host/machines/machine-plan";
import { machinesInventory } from "../../host/machines/machines-inventory";
import { removeMachine } from "../../host/machines/remove-machine";
import { type Claim, randomId } from "../../host/ownership";
import { type Answer, describeHost, type Script } from "../../remote";
import { machineUnit } from "../../systemd/unit-file";
import { networkUniqueKeys } from "../attachments/network-specs";
import { defineOnHost } from "../define-on-host";
import type { Operation } from "../operation";
import { adoptMachine } from "./adopt-machine";
import { adoptionEffects, readopted } from "./adopted-changes";
import { allocated, allocationRequest, knownAddresses } from "./allocation";
import { machineFiles } from "./machine-files";
import { generationOf, type MachineInputs, type MachineState, machineInputs, SECTIONS } from "./machine-inputs";
import { type Allocation, type MachineOutputs, machineOutputs } from "./machine-outputs";
import { machineRefusals } from "./machine-refusals";
import { observed, readMachine } from "./observe-machine";
import { distinct } from "./section";
import { overridable } from "./unit-settings";

/** Seconds that an operation must have left when it gets the lock of its root. */
const WORK_SECONDS = 60;
/** Seconds for asking the host for addresses. */
const ALLOCATE_SECONDS = 120;

/** @internal */
export const machineHandler = defineOnHost<MachineInputs, MachineOutputs>({
  kind: "NspawnMachine",
  version: 1,
  inputs: machineInputs,
  outputs: machineOutputs,
  describe: ({ name }) => `the machine "${name}"`,
  noun: "machine",
  refusals: machineRefusals,
  inventory: machinesInventory,
  derived: {
    address: ["networks"],
    addresses: ["networks"],
    leases: ["networks"],
    adopted: ["environment", "settings"],
  },
  computed: ({ name, networks }, olds) => ({
    unit: typeof name === "string" && name !== UNKNOWN ? machineUnit(name) : name,
    ...(name === olds.name ? knownAddresses(networks, olds.leases) : knownAddresses(networks, {})),
  }),
  uniqueKeys: ({ host, name, networks }) => {
    const place = describeHost(host.connection);
    return [`the machine "${name}" on ${place}`, ...networkUniqueKeys(networks).map((key) => `${key} of ${place}`)];
  },
  validate: (inputs) => SECTIONS.flatMap((section) => section.validate?.(inputs) ?? []),
  warnings: (inputs, olds) => SECTIONS.flatMap((section) => section.warn?.(inputs, olds) ?? []),

  adopt: adoptMachine,
  adopted: readopted,
  effects: adoptionEffects,

  create: async (inputs, operation) => {
    const owner = randomId();
    const claim = operation.claimOf(owner, { fresh: true, adopt: inputs.adopt !== false });
    return { id: `${inputs.name}@${owner}`, outputs: await ensure(operation, claim, undefined) };
  },

  update: (_inputs, state, operation) => ensure(operation, operation.claimOf(state.owner, { fresh: false }), state),

  observe: readMachine,

  marker: ({ name, owner }) => ({ path: markerPath(name), owner }),

  delete: async (state, operation) => {
    const removal = removeMachine(state.name, state.owner, machineFiles(state));
    await operation.run("remove", locked(state, removal, operation.seconds()));
  },
});

/** Create and update do the same. `before` is its state so far. */
async function ensure(
  operation: Operation<MachineInputs>,
  claim: Claim,
  before: MachineState | undefined,
): Promise<MachineOutputs> {
  const { inputs } = operation;
  const allocation = await allocationFor(operation, before);
  const seconds = operation.seconds();
  const work = ensureMachine(planOf(inputs, { claim, before, allocation, seconds }));
  const kept = { owner: claim.owner, unit: machineUnit(inputs.name), ...allocation };
  const answers = await operation.claim(
    inputs.running ? "start" : "set up",
    locked(inputs, work, seconds),
    `${inputs.name}@${claim.owner}`,
    (seen) => ({ ...kept, machineId: machineIdIn(seen) }),
  );
  warn(operation, answers);
  return { ...kept, ...observed(inputs.name, answers), ...knownAddresses(inputs.networks, allocation.leases) };
}

/**
 * What the host assigns to the machine for its networks. The host is asked only for what the machine does not have yet.
 */
async function allocationFor(
  operation: Operation<MachineInputs>,
  before: MachineState | undefined,
): Promise<Allocation> {
  const { inputs } = operation;
  const request = allocationRequest(inputs, before);
  if (request.script === undefined) return request.allocation;
  const answers = await operation.run("find an address for", request.script, { seconds: ALLOCATE_SECONDS });
  return allocated(inputs, request.allocation, answers);
}

interface Circumstances {
  readonly claim: Claim;
  readonly before: MachineState | undefined;
  readonly allocation: Allocation;
  /** What is left for the operation. */
  readonly seconds: number;
}

function planOf(inputs: MachineInputs, { claim, before, allocation, seconds }: Circumstances): MachinePlan {
  const wanted = machineFiles(inputs, allocation);
  // Leftovers of a removed link need the same steps as a new link.
  const former = before === undefined ? undefined : machineFiles(before, before);
  return {
    name: inputs.name,
    rootName: inputs.rootName,
    generation: generationOf(inputs.rootfs),
    claim,
    ...wanted,
    overridable: overridable(inputs.name, wanted.files),
    keepsUnitFile: inputs.adopted !== undefined,
    locks: distinct([...wanted.locks, ...(former?.locks ?? [])]),
    afterWrite: distinct([...wanted.afterWrite, ...(former?.afterWrite ?? [])]),
    beforeStart: distinct([...wanted.beforeStart, ...(former?.beforeStart ?? [])]),
    running: inputs.running,
    autostart: inputs.autostart,
    waitFor: inputs.waitFor,
    // There must be time for two boots: a new root that fails, and the old one again.
    bootSeconds: Math.max(10, Math.floor(seconds / 2) - 10),
  };
}

function locked(names: MachineInputs, script: Script, seconds: number): Script {
  return underMachineLocks(names, Math.max(10, seconds - WORK_SECONDS), script);
}

function warn(operation: Operation<MachineInputs>, answers: readonly Answer[]): void {
  const { name } = operation.inputs;
  for (const { key, values } of answers) {
    const [text = ""] = values;
    if (key === "warning") operation.warn(text);
    if (key === "settings-inherited") operation.warn(inheritedText(name, text));
    if (key !== "degraded") continue;
    operation.warn(
      `the machine "${name}" is up, but these of its units failed: ${text.trim()}. See: journalctl -M ${name} -u UNIT`,
    );
  }
}

function inheritedText(name: string, complaints: string): string {
  return (
    `systemd-nspawn ignores lines that the .nspawn file of the machine "${name}" had when it was adopted. Leave them out ` +
    `by \`adopt: { without: ["Key=Value"] }\`, or let them be:\n${complaints}`
  );
}
