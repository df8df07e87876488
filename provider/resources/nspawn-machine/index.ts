import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { Size } from "../../systemd/size";
import type { DeepInput } from "../deep-input";
import { type NetworkInput, networksInput } from "../fragments/attachable";
import type { HostRef } from "../on-host";
import type { Timeouts } from "../timeouts";
import { type Dependency, dependenciesInput } from "./dependencies";
import { machineLifecycle } from "./lifecycle";
import { type MountInput, mountsInput } from "./mounts";
import type { Device } from "./parts/devices";
import type { PrivateUsers } from "./parts/private-users";
import type { Restart } from "./parts/restart";
import type { NspawnSettings } from "./settings";

export type { Dependency } from "./dependencies";
export { machineLifecycle } from "./lifecycle";
export type { InaccessibleMount, MountInput, OverlayMount, TmpfsMount } from "./mounts";
export type { Device } from "./parts/devices";
export type { PrivateUsers } from "./parts/private-users";
export type { Restart } from "./parts/restart";

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

/** What a `DebianRootfs` hands on; any resource of this shape is accepted where a root is. */
type RootfsLike = pulumi.CustomResource & {
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
  readonly credentials?: DeepInput<Credentials>;
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
  /**
   * Whose its user IDs are (`PrivateUsers=`, systemd.nspawn(5)). `true`: its own, chosen by systemd-nspawn (`pick`), so that root inside is
   * nobody outside. `"1342177280"`: its own from that one on, 65536 of them; `"1342177280:131072"` as many as that. `"identity"`: the
   * host's first 65536, without the rights of root outside (systemd 252). `"managed"`: its own, given by systemd-nsresourced.service(8),
   * for trees that have the user IDs of such machines (systemd 262). `false`: the host's, and root inside is root outside.
   * @default true
   */
  readonly privateUsers?: pulumi.Input<PrivateUsers>;
  /**
   * Devices of the host that it may use, as in `["/dev/kvm", "/dev/dri/renderD128"]`: the nodes are bound into its /dev, and allowed in its
   * unit (`Bind=`, systemd.nspawn(5); `DeviceAllow=`, systemd.resource-control(5)). With user IDs of its own they belong to nobody
   * inside, so they have to be open to all users of the host. /dev/fuse is there without being asked for from systemd 257 on.
   * @default []
   */
  readonly devices?: pulumi.Input<pulumi.Input<string | Device>[]>;
  /**
   * Credentials of systemd, by name (systemd.exec(5), "Credentials"; `--load-credential=`, systemd-nspawn(1)). Inside, root finds them in
   * /run/credentials/@system, and a service that has `LoadCredential=NAME` in its own $CREDENTIALS_DIRECTORY. They are never in an environment or
   * a command line, are secret in state, and on the host only root can read them.
   * @default none
   */
  readonly secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Capabilities beside those that systemd-nspawn leaves it, as in `["CAP_SYS_NICE"]`; `"all"` is all of them (`Capability=`,
   * systemd.nspawn(5); capabilities(7)). With user IDs of its own they hold only for what is its own.
   * @default []
   */
  readonly capabilities?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Lets containers run inside: podman and docker as it is, and systemd-nspawn with `privateUsers: false`. It costs isolation: the
   * kernel's keyrings and bpf(2) are within reach (`SystemCallFilter=@keyring bpf`, systemd.nspawn(5)), and with `privateUsers: false` root
   * inside is root outside.
   * @default false
   */
  readonly nesting?: pulumi.Input<boolean>;
  /** When it is started again after it stopped by itself. @default never; a reboot from inside starts it again all the same */
  readonly restart?: pulumi.Input<Restart>;
  /**
   * Seconds after which systemd kills a systemd-nspawn that hangs (`WatchdogSec=`, systemd.service(5)); `false` for never. It looks at
   * systemd-nspawn, not at what runs inside.
   * @default the unit's, 180
   */
  readonly watchdog?: pulumi.Input<number | false>;
  /**
   * Units of its host after which it starts, and before which it stops (`After=`, systemd.unit(5)): machines, or units as in
   * `"network-online.target"`. It does not start them.
   * @default []
   */
  readonly after?: pulumi.Input<pulumi.Input<Dependency>[]>;
  /** Units that start with it (`Wants=`, systemd.unit(5)); it starts without those that fail. @default [] */
  readonly wants?: pulumi.Input<pulumi.Input<Dependency>[]>;
  /**
   * Units that start with it, and without which it does not run: it stops when one of them is stopped (`Requires=`, systemd.unit(5)). Those
   * that it has to wait for are in `after` too.
   * @default []
   */
  readonly requires?: pulumi.Input<pulumi.Input<Dependency>[]>;
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
  /** The host it is on. */
  declare readonly host: pulumi.Output<HostRef>;
  /** The host's credentials, secret. */
  declare readonly credentials: pulumi.Output<Credentials | undefined>;
  /** The id of the root it runs from: another one for each root that is made. */
  declare readonly rootfs: pulumi.Output<string>;
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
    const { rootfs, credentials, mounts, networks, secrets, after, wants, requires, name: ownName, ...rest } = args;
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

  /** The machine as plain JSON, for stack references: accepted wherever an `NspawnMachine` is. */
  get ref(): pulumi.Output<MachineRef> {
    return pulumi.output({ id: this.id, name: this.name, rootfs: this.rootfs, host: this.host });
  }
}

/** Each part on its own: of a root that is being replaced only the id is unknown in a preview. */
function rootInput(rootfs: pulumi.Input<RootfsLike | RootfsRef>) {
  if (isRootfsLike(rootfs)) {
    return { rootName: rootfs.name, host: rootfs.host, rootfs: rootfs.id, credentials: rootfs.credentials };
  }
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
