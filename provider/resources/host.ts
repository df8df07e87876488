import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { defineResource, effect, isRecord, NspawnResource, type OnUnreachable, POLICIES, whenKnown } from "../dynamic";
import {
  type Facts,
  FEWEST_INOTIFY_INSTANCES,
  facts,
  factsOf,
  INOTIFY_INSTANCES,
  isOpenToUsers,
  preflightProblems,
} from "../host/facts";
import { OtherHostError } from "../host/identity";
import { inventory } from "../host/inventory";
import { randomId } from "../host/ownership";
import { prepareHost } from "../host/preparation";
import type { Refusals } from "../host/refusals";
import {
  type Connection,
  type ConnectionInput,
  type Credentials,
  credentialsSchema,
  describeHost,
  HostError,
  hostSchema,
  lines,
  type Target,
  UnreachableError,
} from "../remote";
import type { DeepInput } from "./deep-input";
import { leftoverRefusals, removeLeftovers } from "./leftovers";
import { connectionOf, type HostRef, targetOf } from "./on-host";
import { Operation, type Subject } from "./operation";
import { type Timeouts, timeoutsSchema } from "./timeouts";

const inputs = z.object({
  connection: effect("state", hostSchema),
  credentials: effect("state", credentialsSchema.default({})),
  instance: effect("replace", z.string().min(1).optional()),
  install: effect("live", z.boolean().default(false)),
  onUnreachable: effect("state", z.enum(POLICIES).default("fail")),
  parallel: effect("state", z.int().min(1).max(9).optional()),
  timeouts: effect("state", timeoutsSchema({ create: 600, update: 600, delete: 300, read: 120 })),
});
type Inputs = z.infer<typeof inputs>;

const outputs = z.object({
  machineId: z.string(),
  os: z.object({ id: z.string(), version: z.string(), codename: z.string(), name: z.string() }),
  systemdVersion: z.number(),
  cgroups: z.enum(["unified", "legacy"]),
  imageFilesystem: z.string(),
  capabilities: z.object({ networkd: z.boolean(), architecture: z.string(), kernel: z.string() }),
  drift: z.record(z.string(), z.string()).optional(),
  ref: z.looseObject({ claimant: z.string().optional() }).optional(),
});
type Outputs = z.infer<typeof outputs>;

/** Explains the refusals of the host's preparation. */
const refusals: Refusals = {
  apt: ([first]) => ({
    happened: `apt could not install ${first}`,
    advice: "Fix what apt reports, and run `pulumi up` again:",
  }),
  "apt-locked": ([first]) => ({
    happened: `another package manager is running there: ${first}`,
    advice: "Wait for it, and run `pulumi up` again.",
  }),
  locked: () => ({
    happened: "another `pulumi up` is preparing the host",
    advice: "Wait for it, and run `pulumi up` again.",
  }),
};

const subject: Subject<Inputs> = { describe: () => "the host", target, refusals: [refusals] };

const hostHandler = defineResource<Inputs, Outputs>({
  kind: "Host",
  version: 1,
  inputs,
  outputs,
  derived: { ref: ["connection", "instance"] },
  computed: ({ connection, instance, onUnreachable, parallel }, olds) => ({
    ref: {
      connection,
      onUnreachable,
      claimant: claimantIn(olds.ref) ?? randomId() + randomId(),
      ...(instance !== undefined && { instance }),
      ...(parallel !== undefined && { parallel }),
    },
  }),
  create: async (news, context) => {
    const found = await observe(new Operation(subject, news, context, news.timeouts.create, undefined));
    return { id: `${describeHost(news.connection)}@${found.machineId.slice(0, 8)}`, outputs: found };
  },
  update: (_id, state, news, context) =>
    observe(new Operation(subject, news, context, news.timeouts.update, state.machineId)),
  read: async (_id, state) => {
    const answers = await inventory(target(state));
    const found = factsOf(answers);
    return { ...state, ...toOutputs(found), machineId: state.machineId, drift: driftOf(state, found) };
  },
  delete: async (_id, state, context) => {
    const claimant = state.ref?.claimant;
    if (claimant === undefined) return;
    const own = { ...subject, claimant: () => claimant, refusals: [refusals, leftoverRefusals] };
    try {
      await removeLeftovers(new Operation(own, state, context, state.timeouts.delete, state.machineId));
    } catch (error) {
      // All else on it is removed or forgotten by now, and a host that is gone has nothing left.
      if (!(error instanceof UnreachableError) && !(error instanceof OtherHostError)) throw error;
      context.warn(`${error.message} What an interrupted run may have left there stays.`);
    }
  },
});

/** Made once, in the first check, and kept in state for good: previews know it. */
function claimantIn(ref: unknown): string | undefined {
  return isRecord(ref) && typeof ref.claimant === "string" ? ref.claimant : undefined;
}

function driftOf(state: Inputs & Outputs, found: Facts): Record<string, string> {
  const missing = state.install ? found.missingPackages : [];
  const few = state.install && found.inotifyInstances > 0 && found.inotifyInstances < FEWEST_INOTIFY_INSTANCES;
  return {
    ...(state.install &&
      found.networkd !== "" &&
      !found.networkdActive && { "systemd-networkd.service": `-active\n+${found.networkd}` }),
    ...(few && { "fs.inotify.max_user_instances": `-${INOTIFY_INSTANCES}\n+${found.inotifyInstances}` }),
    ...(state.install &&
      isOpenToUsers(found) && { "/var/lib/machines": `-0 700 (owner and mode)\n+${found.imagesAccess}` }),
    ...(missing.length > 0 && { packages: `not installed: ${missing.join(", ")}` }),
    ...(found.machineId !== state.machineId && { machineId: `another machine answers: ${found.machineId}` }),
  };
}

/** Create and update do the same: prepare if requested, look, and refuse a host that cannot run machines. */
async function observe(operation: Operation<Inputs>): Promise<Outputs> {
  const { install } = operation.inputs;
  const script = lines([...(install ? [prepareHost] : []), facts]);
  const found = factsOf(await operation.run("prepare", script, { retry: false }));
  assertUsable(found, operation);
  return toOutputs(found);
}

function assertUsable(found: Facts, operation: Operation<Inputs>): void {
  const problems = preflightProblems(found);
  const fatal = problems.filter((problem) => problem.fatal);
  if (fatal.length > 0) {
    const commands = fatal.flatMap((problem) => (problem.command ? [`sudo ${problem.command}`] : []));
    throw new HostError({
      ...operation.errorContext("prepare"),
      happened: fatal.map((problem) => problem.what).join("; "),
      advice:
        commands.length > 0 ? "Run on the host, or set `install: true` on the Host:" : "Use a newer release of Debian.",
      details: commands.join("\n"),
    });
  }
  for (const { what, command } of problems)
    operation.warn(command ? `${what}. Run on the host: sudo sh -c '${command}'` : `${what}.`);
}

function toOutputs(found: Facts): Outputs {
  return {
    machineId: found.machineId,
    os: { ...found.os },
    systemdVersion: found.systemdVersion,
    cgroups: found.cgroups,
    imageFilesystem: found.imageFilesystem,
    capabilities: { networkd: found.networkdActive, architecture: found.architecture, kernel: found.kernel },
  };
}

function target(state: Inputs): Target {
  return targetOf({ host: state, credentials: state.credentials });
}

/** Arguments of {@link Host}. */
export interface HostArgs {
  /**
   * How to reach the host: a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`.
   * It never contains secrets; put those into `credentials`.
   */
  readonly connection: pulumi.Input<DeepInput<ConnectionInput> | string>;
  /** Passwords and keys, kept secret in state. @default from the agent, key files, environment or configuration */
  readonly credentials?: DeepInput<Credentials>;
  /**
   * The identity of the host, for example the ID of its VM. A change means that the host was replaced, and recreates
   * everything on it.
   * @default none: the host stays the same one whatever its address
   */
  readonly instance?: pulumi.Input<string>;
  /**
   * Adds missing Debian packages, starts systemd-networkd, and keeps users of the host out of /var/lib/machines; nothing
   * is ever removed.
   * @default false
   */
  readonly install?: pulumi.Input<boolean>;
  /**
   * What to do if the host cannot be reached. `fail`: report an error. `skip`: a refresh keeps the last known state,
   * with a warning. `forget`: a delete counts as done, too. The environment variable `PULUMI_NSPAWN_ON_UNREACHABLE`
   * overrides it.
   * @default "fail"
   */
  readonly onUnreachable?: pulumi.Input<OnUnreachable>;
  /** How many operations run on the host at the same time, 1 to 9. @default 6 */
  readonly parallel?: pulumi.Input<number>;
  /** @default create and update 600, delete 300, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A Debian server that machines run on. It owns nothing there: destroying the resource leaves the server as it is, and
 * only removes what interrupted runs of its stack left.
 *
 * @throws in `up`: if the host cannot be reached, if its key is not the known one, or if it cannot run machines.
 * @example
 * ```ts
 * const host = new nspawn.Host("web1", { connection: "ssh://ops@web1.example.com", install: true });
 * ```
 */
export class Host extends NspawnResource {
  /** @internal */
  static readonly handler = hostHandler;

  /** The normalised connection. */
  declare readonly connection: pulumi.Output<Connection>;
  /** The given credentials, secret. */
  declare readonly credentials: pulumi.Output<Credentials | undefined>;
  /** The host's machine-id(5): 32 hexadecimal digits. */
  declare readonly machineId: pulumi.Output<string>;
  /** From os-release(5). */
  declare readonly os: pulumi.Output<{ id: string; version: string; codename: string; name: string }>;
  /** The major version of systemd, for example 252. */
  declare readonly systemdVersion: pulumi.Output<number>;
  /** The cgroup hierarchy; `unified` means cgroup v2 only. */
  declare readonly cgroups: pulumi.Output<"unified" | "legacy">;
  /** The file system of /var/lib/machines, as stat(1) names it. */
  declare readonly imageFilesystem: pulumi.Output<string>;
  /** What the host supports. */
  declare readonly capabilities: pulumi.Output<Outputs["capabilities"]>;
  /** The host as plain JSON, for stack references. Accepted wherever a `Host` is. */
  declare readonly ref: pulumi.Output<HostRef>;

  constructor(name: string, args: HostArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { connection, credentials, ...rest } = args;
    super(
      hostHandler,
      name,
      {
        ...rest,
        connection: whenKnown(connection, connectionOf),
        credentials: credentials === undefined ? undefined : pulumi.secret(credentials),
      },
      [...Object.keys(outputs.shape), "credentials", "ref"],
      // Forced replaces do not call diff, and two Hosts with one address would be one host (design: the name is fixed).
      { deleteBeforeReplace: true, ...opts },
    );
  }
}
