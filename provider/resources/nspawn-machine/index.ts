import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { Size } from "../../systemd/size";
import { type NetworkInput, networksInput } from "../fragments/attachable";
import type { HostRef } from "../on-host";
import type { Timeouts } from "../timeouts";
import { machineOutputs } from "./inputs";
import { machineLifecycle } from "./lifecycle";
import { type MountInput, mountsInput } from "./mounts";
import type { NspawnSettings } from "./settings";

export { machineLifecycle } from "./lifecycle";
export type { InaccessibleMount, MountInput, OverlayMount, TmpfsMount } from "./mounts";

/** A root as plain JSON, as stack references carry it. */
export interface RootfsRef {
  /** The resource's id: the name and its generation. */
  readonly id: string;
  /** The name below /var/lib/machines. */
  readonly name: string;
  /** The host it is on. */
  readonly host: HostRef;
}

/** What a `DebianRootfs` hands on; any resource of this shape is accepted where a root is. */
export type RootfsLike = pulumi.CustomResource & {
  readonly name: pulumi.Output<string>;
  readonly host: pulumi.Output<HostRef>;
  readonly credentials: pulumi.Output<Credentials | undefined>;
};

/** Resource limits: each is a property of systemd.resource-control(5), applied while the machine runs. */
export interface Limits {
  /** `MemoryMax=`: bytes, or a number with a unit as in `"2GiB"`. @default no limit */
  readonly memory?: pulumi.Input<Size>;
  /** `MemoryHigh=`: above it the machine is slowed down. @default no limit */
  readonly memoryHigh?: pulumi.Input<Size>;
  /** `MemorySwapMax=`: `"none"` for no swap at all. @default no limit */
  readonly swap?: pulumi.Input<Size | "none">;
  /** `CPUQuota=` in processors: 1.5 is 150 %. @default no limit */
  readonly cpus?: pulumi.Input<number>;
  /** `CPUWeight=`, 1 to 10000. @default systemd's, 100 */
  readonly cpuWeight?: pulumi.Input<number>;
  /** `TasksMax=`: processes and threads. @default the unit's, 16384 */
  readonly tasks?: pulumi.Input<number>;
  /** Limits of block devices, by device as in `"/dev/sda"`. */
  readonly io?: pulumi.Input<IoLimits>;
}

/** Limits of block devices. */
export interface IoLimits {
  /** `IOWeight=`, 1 to 10000. @default systemd's, 100 */
  readonly weight?: pulumi.Input<number>;
  /** `IOReadBandwidthMax=`: bytes a second, by device. @default no limit */
  readonly readBytesPerSecond?: pulumi.Input<Record<string, pulumi.Input<Size>>>;
  /** `IOWriteBandwidthMax=`: bytes a second, by device. @default no limit */
  readonly writeBytesPerSecond?: pulumi.Input<Record<string, pulumi.Input<Size>>>;
  /** `IOReadIOPSMax=`: operations a second, by device. @default no limit */
  readonly readOperationsPerSecond?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /** `IOWriteIOPSMax=`: operations a second, by device. @default no limit */
  readonly writeOperationsPerSecond?: pulumi.Input<Record<string, pulumi.Input<number>>>;
}

/** Arguments of {@link NspawnMachine}. */
export interface NspawnMachineArgs {
  /** The root it runs from, and with it the host: a `DebianRootfs` or its `ref`. */
  readonly rootfs: pulumi.Input<RootfsLike | RootfsRef>;
  /** The host's credentials, where `rootfs` is a `ref`. @default those of the root */
  readonly credentials?: pulumi.Input<Credentials>;
  /** Only an ephemeral machine may have a name of its own: several can run from one root. @default the root's name */
  readonly name?: pulumi.Input<string>;
  /**
   * What it is attached to: networks and bridges, as they are or by their `attach`, in the order of `host0`, `host1` and so on inside.
   * `["host"]` shares the host's network, `["none"]` has loopback alone.
   * @default a private link, `VirtualEthernet=yes`
   */
  readonly networks?: pulumi.Input<pulumi.Input<NetworkInput>[]>;
  /**
   * What is mounted in the guest beside its root: `BindMount`s, `{ tmpfs }`, `{ inaccessible }`, `{ overlay }`. One target has one mount;
   * targets may lie in each other.
   * @default []
   */
  readonly mounts?: pulumi.Input<pulumi.Input<MountInput>[]>;
  /** Whether it runs now. @default true */
  readonly running?: pulumi.Input<boolean>;
  /** Whether it starts with the host. @default true */
  readonly autostart?: pulumi.Input<boolean>;
  /** Runs from a copy of the root that is thrown away when it stops (`--ephemeral`). @default false */
  readonly ephemeral?: pulumi.Input<boolean>;
  /** The machine's host name, up to 64 characters. @default its name */
  readonly hostname?: pulumi.Input<string>;
  /** Environment of the machine's first process. Its text is in a file that only root can read. @default none */
  readonly environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Resource limits, applied while it runs. @default none */
  readonly limits?: pulumi.Input<Limits>;
  /** User IDs of its own: root inside is nobody outside (`PrivateUsers=pick`). @default true */
  readonly privateUsers?: pulumi.Input<boolean>;
  /** Every other key of systemd.nspawn(5): docs/reference/settings.md. @default none */
  readonly settings?: pulumi.Input<NspawnSettings>;
  /** When it counts as ready: its unit is active, its system is up, its link has an address. @default "networked" */
  readonly waitFor?: pulumi.Input<"started" | "booted" | "networked">;
  /** @default create and update 300, delete 180, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
  /** Takes over a machine of this name that another resource or a person made. @default false */
  readonly adopt?: pulumi.Input<boolean>;
}

/**
 * A machine of systemd-nspawn: its `.nspawn` file, its unit's drop-ins, whether it runs and whether it starts at boot.
 *
 * @throws in `up`: where it does not boot (with its own journal), and where a machine of that name is another's.
 * @example
 * ```ts
 * const web = new nspawn.NspawnMachine("web", { rootfs, limits: { memory: "2GiB", cpus: 2 } });
 * export const address = web.address;
 * ```
 */
export class NspawnMachine extends NspawnResource {
  /** The machine's name, as machinectl(1) shows it. */
  declare readonly name: pulumi.Output<string>;
  /** Its unit: `systemd-nspawn@NAME.service`. */
  declare readonly unit: pulumi.Output<string>;
  /** `running`, `degraded` (some of its units failed), or the state of its unit where it does not run. */
  declare readonly state: pulumi.Output<string>;
  /** Its first address, IPv4 first; none where it has no link of its own. */
  declare readonly address: pulumi.Output<string | undefined>;
  /** All its global addresses. */
  declare readonly addresses: pulumi.Output<string[]>;
  /** The host's end of its link. */
  declare readonly interface: pulumi.Output<string | undefined>;
  /** Its boot id: another one after each start. */
  declare readonly bootId: pulumi.Output<string | undefined>;
  /** The process id of its init, on the host. */
  declare readonly leader: pulumi.Output<number | undefined>;

  constructor(name: string, args: NspawnMachineArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { rootfs, credentials, mounts, networks, name: ownName, ...rest } = args;
    const root = rootInput(rootfs);
    super(
      "NspawnMachine",
      machineLifecycle.version,
      name,
      {
        ...rest,
        ...root,
        ...(mounts !== undefined && { mounts: mountsInput(mounts) }),
        ...(networks !== undefined && { networks: networksInput(networks) }),
        name: ownName ?? root.rootName,
        ...(credentials !== undefined && { credentials: pulumi.secret(credentials) }),
      },
      Object.keys(machineOutputs.shape),
      // The name is fixed, and forced replaces do not call diff.
      { deleteBeforeReplace: true, ...opts },
    );
  }
}

/** Each part on its own: of a root that is being replaced only the id is unknown in a preview. */
function rootInput(rootfs: pulumi.Input<RootfsLike | RootfsRef>) {
  const given = pulumi.output<RootfsLike | RootfsRef>(rootfs);
  return {
    rootName: given.apply((value) => value.name),
    host: given.apply((value) => value.host),
    rootfs: given.apply((value) => value.id),
    credentials: given.apply((value) => (isRootfsLike(value) ? value.credentials : undefined)),
  };
}

function isRootfsLike(value: unknown): value is RootfsLike {
  return pulumi.Resource.isInstance(value) && "credentials" in value;
}
