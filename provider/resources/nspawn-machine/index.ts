import * as pulumi from "@pulumi/pulumi";
import { NspawnResource, whenKnown } from "../../dynamic";
import type { Credentials } from "../../remote";
import { networksInput } from "../attachments/attachable";
import type { DeepInput, GivenInputs } from "../deep-input";
import { memberInput } from "../given";
import type { HostRef } from "../on-host";
import { type MountsArgs, mountsInput } from "./inputs/mounts";
import type { NetworksArgs } from "./inputs/networks";
import { dependenciesInput, type OrderArgs } from "./inputs/order";
import type { SettingsArgs } from "./inputs/settings";
import { machineHandler } from "./machine-handler";
import type { MachineShape } from "./machine-inputs";

export type { Device } from "./inputs/devices";
export type { IoLimits, Limits } from "./inputs/limits";
export type { InaccessibleMount, MountInput, OverlayMount, TmpfsMount } from "./inputs/mounts";
export type { Dependency } from "./inputs/order";
export type { PrivateUsers } from "./inputs/private-users";
export type { Restart } from "./inputs/restart";
/** A root as plain JSON, as stack references carry it. */
export interface RootfsRef {
  /** The resource's id: the name and its generation. */
  readonly id: string;
  /** The name below /var/lib/machines. */
  readonly name: string;
  /** The host it is on. */
  readonly host: HostRef;
}

/** A machine as plain JSON, as stack references carry it. */
export interface MachineRef {
  /** The resource's id: the name and its owner. */
  readonly id: string;
  /** The machine's name. */
  readonly name: string;
  /** The id of the root it runs from. */
  readonly rootfs: string;
  /** The host it is on. */
  readonly host: HostRef;
}

/** What a `DebianRootfs` passes on. Any resource of this shape is accepted as a root. */
type RootfsLike = pulumi.CustomResource & {
  readonly name: pulumi.Output<string>;
  readonly host: pulumi.Output<HostRef>;
  readonly credentials: pulumi.Output<Credentials | undefined>;
};

/** Inputs whose type differs between program and schema, or that a program cannot give. */
type Others =
  | keyof (NetworksArgs & MountsArgs & OrderArgs & SettingsArgs)
  | "rootfs"
  | "host"
  | "credentials"
  | "name"
  | "rootName"
  | "adopted";

/** Arguments of {@link NspawnMachine}. */
export interface NspawnMachineArgs
  extends NetworksArgs,
    MountsArgs,
    GivenInputs<MachineShape, Others>,
    OrderArgs,
    SettingsArgs {
  /** The root that it runs from, which also determines the host: a `DebianRootfs` or its `ref`. */
  readonly rootfs: pulumi.Input<RootfsLike | RootfsRef>;
  /** The host's credentials, if `rootfs` is a `ref`. @default the root's */
  readonly credentials?: DeepInput<Credentials>;
  /**
   * Only an ephemeral machine may have its own name, because several can run from one root.
   * @default the root's name
   */
  readonly name?: pulumi.Input<string>;
}

/**
 * A systemd-nspawn machine: its `.nspawn` file, its unit's drop-ins, whether it runs and whether it starts at boot.
 *
 * @throws in `up`: if it does not boot (with its own journal), or if a machine of that name belongs to another
 * resource.
 * @example
 * ```ts
 * const web = new nspawn.NspawnMachine("web", { rootfs, limits: { memory: "2GiB", cpus: 2 } });
 * export const address = web.address;
 * ```
 */
export class NspawnMachine extends NspawnResource {
  /** @internal */
  static readonly handler = machineHandler;

  /** The machine's name, as machinectl(1) shows it. */
  declare readonly name: pulumi.Output<string>;
  /** The host it is on. */
  declare readonly host: pulumi.Output<HostRef>;
  /** The host's credentials, secret. */
  declare readonly credentials: pulumi.Output<Credentials | undefined>;
  /** The ID of the root it runs from. It changes with each new root. */
  declare readonly rootfs: pulumi.Output<string>;
  /** Its unit: `systemd-nspawn@NAME.service`. */
  declare readonly unit: pulumi.Output<string>;
  /** `running`, `degraded` (some of its units failed), or the state of its unit if it does not run. */
  declare readonly state: pulumi.Output<string>;
  /** Its first address, IPv4 first; none if it has no link of its own. */
  declare readonly address: pulumi.Output<string | undefined>;
  /** All its global addresses. */
  declare readonly addresses: pulumi.Output<string[]>;
  /** The host's end of its link. */
  declare readonly interface: pulumi.Output<string | undefined>;
  /**
   * The ID of its boot, which changes with each start: the host's own, the invocation of its unit (`systemctl show -p
   * InvocationID`). It is not what the machine has in `/proc/sys/kernel/random/boot_id`.
   */
  declare readonly bootId: pulumi.Output<string | undefined>;
  /** The process ID of its init, on the host. */
  declare readonly leader: pulumi.Output<number | undefined>;

  constructor(name: string, args: NspawnMachineArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { rootfs, credentials, mounts, networks, secrets, after, wants, requires, name: ownName, ...rest } = args;
    const root = rootInput(rootfs);
    super(
      machineHandler,
      name,
      {
        ...rest,
        ...root,
        ...(mounts !== undefined && { mounts: mountsInput(mounts) }),
        ...(networks !== undefined && { networks: networksInput(networks) }),
        ...(secrets !== undefined && { secrets: pulumi.secret(secrets) }),
        ...(after !== undefined && { after: dependenciesInput(after) }),
        ...(wants !== undefined && { wants: dependenciesInput(wants) }),
        ...(requires !== undefined && { requires: dependenciesInput(requires) }),
        name: ownName ?? root.rootName,
        ...(credentials !== undefined && { credentials: pulumi.secret(credentials) }),
      },
      ["unit", "state", "address", "addresses", "interface", "bootId", "leader", "credentials"],
      // The name is fixed, and forced replaces do not call diff.
      { deleteBeforeReplace: true, ...opts },
    );
  }

  /** The machine as plain JSON, for stack references. Accepted wherever an `NspawnMachine` is. */
  get ref(): pulumi.Output<MachineRef> {
    return pulumi.output({ id: this.id, name: this.name, rootfs: this.rootfs, host: this.host });
  }
}

/** Each part separately: when a root is replaced, only its ID is unknown in a preview. */
function rootInput(rootfs: pulumi.Input<RootfsLike | RootfsRef>) {
  if (isRootfsLike(rootfs)) {
    return { rootName: rootfs.name, host: rootfs.host, rootfs: rootfs.id, credentials: rootfs.credentials };
  }
  const member = (key: string) => memberInput(rootfs, key, "a DebianRootfs or its ref");
  return {
    rootName: member("name"),
    host: member("host"),
    rootfs: member("id"),
    credentials: whenKnown(rootfs, (value) => (isRootfsLike(value) ? value.credentials : undefined)),
  };
}

function isRootfsLike(value: unknown): value is RootfsLike {
  return pulumi.Resource.isInstance(value) && "credentials" in value;
}
