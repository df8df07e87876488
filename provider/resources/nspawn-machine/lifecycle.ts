import { type Context, type Lifecycle, UNKNOWN, UnfinishedError } from "../../dynamic";
import { exclusively } from "../../host/exclusion";
import { expectHost, identify } from "../../host/identity";
import { forgetInventory, inventory } from "../../host/inventory";
import { ensureMachine } from "../../host/machines/ensure";
import type { MachinePlan } from "../../host/machines/plan";
import { removeMachine } from "../../host/machines/remove";
import { randomId } from "../../host/ownership";
import { type Answer, describeHost, lines, run, type Script } from "../../remote";
import { machineUnit } from "../../systemd/unit-file";
import { networkClaims } from "../fragments/networks";
import { targetOf } from "../on-host";
import { removeFrom } from "../removal";
import { adoptMachine, carryOver } from "./adopt";
import { adoptedSchema } from "./adopted";
import { explainMachineError } from "./errors";
import { machineFiles } from "./files";
import { knownAddresses, received, wishOf } from "./grant";
import { type MachineInputs, type MachineState, machineInputs, SECTIONS } from "./inputs";
import { machineIdOf, observed, readMachine } from "./observe";
import { type Granted, type MachineOutputs, machineOutputs } from "./outputs";
import { distinct } from "./section";

/** Seconds that an operation has to have left when it gets the lock of its root. */
const WORK_SECONDS = 60;
/** Seconds for asking the host for addresses. */
const GRANT_SECONDS = 120;

/** @internal */
export const machineLifecycle: Lifecycle<MachineInputs, MachineOutputs> = {
  kind: "NspawnMachine",
  version: 1,
  inputs: machineInputs,
  outputs: machineOutputs,
  derive: ({ name, networks }, olds) => ({
    unit: typeof name === "string" && name !== UNKNOWN ? machineUnit(name) : name,
    ...(name === olds.name ? knownAddresses(networks, olds.leases) : knownAddresses(networks, {})),
  }),
  claims: ({ host, name, networks }) => {
    const place = describeHost(host.connection);
    return [`the machine "${name}" on ${place}`, ...networkClaims(networks).map((claim) => `${claim} of ${place}`)];
  },
  refuse: (inputs) => SECTIONS.flatMap((section) => section.refuse?.(inputs) ?? []),
  warnings: (inputs, olds) => SECTIONS.flatMap((section) => section.warn?.(inputs, olds) ?? []),

  adopt: adoptMachine,
  adopted: (found, given) => carryOver(adoptedSchema.parse(found), given),

  create: async (inputs, context) => {
    const owner = randomId();
    return {
      id: `${inputs.name}@${owner}`,
      outputs: await ensure(inputs, { owner, fresh: true }, inputs.timeouts.create, context),
    };
  },

  update: (_id, state, inputs, context) => {
    const claim = { owner: state.owner, fresh: false, machineId: state.machineId, before: state };
    return ensure(inputs, claim, inputs.timeouts.update, context);
  },

  read: async (_id, state) => {
    const answers = await inventory(targetOf(state));
    const place = { attempted: `look at the machine "${state.name}"`, host: describeHost(state.host.connection) };
    expectHost(place, answers, state.machineId);
    return readMachine(state, answers);
  },

  delete: async (_id, state, context) => {
    const removal = removeMachine(state.name, state.owner, machineFiles(state));
    const script = lines([identify(state.machineId), locked(state, removal, state.timeouts.delete)]);
    await removeFrom(state, "machine", context, async () => {
      await onMachine(state, "remove", script, state.timeouts.delete, context);
    });
  },
};

interface Claim {
  readonly owner: string;
  readonly fresh: boolean;
  readonly machineId?: string | undefined;
  /** What it was so far. */
  readonly before?: MachineState;
}

/** Create and update are one; what was claimed on the host but not finished stays Pulumi's to finish or remove. */
async function ensure(inputs: MachineInputs, claim: Claim, seconds: number, context: Context): Promise<MachineOutputs> {
  const granted = await grantedTo(inputs, claim, context);
  const script = lines([
    identify(claim.machineId),
    locked(inputs, ensureMachine(planOf(inputs, granted, claim, seconds, context)), seconds),
  ]);
  const kept = { owner: claim.owner, unit: machineUnit(inputs.name), ...granted };
  const seen: Answer[] = [];
  try {
    const answers = await onMachine(inputs, inputs.running ? "start" : "set up", script, seconds, context, seen);
    warn(inputs, answers, context);
    return { ...kept, ...observed(inputs.name, answers), ...knownAddresses(inputs.networks, granted.leases) };
  } catch (error) {
    if (!(error instanceof Error) || !seen.some((answer) => answer.key === "claimed")) throw error;
    throw new UnfinishedError(`${inputs.name}@${claim.owner}`, { ...kept, machineId: machineIdOf(seen) }, error);
  }
}

/** What the host gives the machine for its networks; it is asked only for what the machine does not have yet. */
async function grantedTo(inputs: MachineInputs, { machineId, before }: Claim, context: Context): Promise<Granted> {
  const wish = wishOf(inputs, before);
  if (wish.script === undefined) return wish.granted;
  const script = lines([identify(machineId), wish.script]);
  const answers = await onMachine(inputs, "find an address for", script, GRANT_SECONDS, context);
  return received(inputs, wish.granted, answers);
}

function planOf(
  inputs: MachineInputs,
  granted: Granted,
  { owner, fresh, before }: Claim,
  seconds: number,
  context: Context,
): MachinePlan {
  const wanted = machineFiles(inputs, granted);
  // What a link leaves that is taken away needs the same steps as one that comes.
  const former = before === undefined ? undefined : machineFiles(before, before);
  return {
    name: inputs.name,
    rootName: inputs.rootName,
    owner,
    fresh,
    adopt: inputs.adopt,
    urn: context.urn,
    ...wanted,
    locks: distinct([...wanted.locks, ...(former?.locks ?? [])]),
    settle: distinct([...wanted.settle, ...(former?.settle ?? [])]),
    apply: distinct([...wanted.apply, ...(former?.apply ?? [])]),
    running: inputs.running,
    autostart: inputs.autostart,
    waitFor: inputs.waitFor,
    // Twice a boot has to fit: a new root that fails, and the old one again.
    bootSeconds: Math.max(10, Math.floor(seconds / 2) - 10),
  };
}

/**
 * Machines of one root, ephemeral ones, start one after the other: each waits for as long as its operation may last. What has another name than
 * its root takes the lock of that name too, which a machine with a root of that name has.
 */
function locked({ name, rootName }: MachineInputs, script: Script, seconds: number): Script {
  const wait = Math.max(10, seconds - WORK_SECONDS);
  const [first = name, second] = [...new Set([rootName, name])].sort().map((one) => `root-${one}`);
  return exclusively(first, wait, second === undefined ? script : exclusively(second, wait, script, 5));
}

async function onMachine(
  inputs: MachineInputs,
  verb: string,
  script: Script,
  timeoutSeconds: number,
  context: Context,
  seen: Answer[] = [],
): Promise<Answer[]> {
  const target = targetOf(inputs);
  forgetInventory(target);
  const onAnswer = (answer: Answer) => {
    seen.push(answer);
    if (answer.key === "progress") context.progress(answer.values.join(" "));
  };
  try {
    return await run(target, script, {
      attempt: `${verb} the machine "${inputs.name}"`,
      timeoutSeconds,
      onAnswer,
      retry: true,
    });
  } catch (error) {
    throw explainMachineError(inputs, error);
  }
}

function warn(inputs: MachineInputs, answers: readonly Answer[], context: Context): void {
  for (const { key, values } of answers) {
    const [text = ""] = values;
    if (key === "warning") context.warn(text);
    if (key !== "degraded") continue;
    context.warn(
      `the machine "${inputs.name}" is up, but these of its units failed: ${text.trim()}. See: journalctl -M ${inputs.name} -u UNIT`,
    );
  }
}
