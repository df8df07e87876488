import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../../provider/dynamic";
import { BindMount } from "../../provider/resources/bind-mount";
import { DebianRootfs } from "../../provider/resources/debian-rootfs";
import { DEFAULT_SUITE } from "../../provider/resources/debian-rootfs/rootfs-values";
import { type MountInput, NspawnMachine } from "../../provider/resources/nspawn-machine";
import { Provision } from "../../provider/resources/provision";
import { VethNetwork } from "../../provider/resources/veth-network";
import { knownHostsOf, sshConfigOf } from "./access";
import { textFor } from "./access-text";
import type { DevBoxArgs } from "./args";
import { expectBoxArgs, madeOf } from "./box-inputs";
import { type OpenPort, placeOf, portsOf, withPorts } from "./box-network";
import { DEFAULT_UID, insideOf, packagesOf } from "./inside";
import { HOST_KEY_STEP, HOST_KEYS, sshdFiles } from "./sshd";

export type {
  DevBoxAptSource,
  DevBoxArgs,
  DevBoxDotfiles,
  DevBoxHook,
  DevBoxHooks,
  DevBoxPort,
  DevBoxRepository,
  DevBoxUser,
} from "./args";
export type { OpenPort } from "./box-network";

/**
 * Your own Debian on a server: a machine with a user, an sshd, a home, packages, repositories, dotfiles and hooks.
 *
 * The home and the sshd host key are directories on the host, separate from the root. So a box on a new suite, a
 * rebuilt one, or one that was deleted and recreated has the same home, the same key, and the same address. Everything
 * else in the root is lost with the root, so a change that needs a new one is refused unless `dataLoss` is `"allow"`.
 *
 * @throws in the preview and in `up`: as its parts do, a DebianRootfs, an NspawnMachine, a Provision.
 * @example
 * ```ts
 * const alice = new nspawn.DevBox("alice", {
 *   host,
 *   user: { name: "alice", authorizedKeys: ["ssh-ed25519 AAAA… alice"] },
 *   packages: ["build-essential"],
 *   hooks: { postCreate: "make -C project setup" },
 * });
 * export const sshConfig = alice.sshConfig; // pulumi stack output sshConfig >~/.ssh/config.d/alice; ssh alice
 * ```
 */
export class DevBox extends pulumi.ComponentResource {
  /** A self-contained ssh_config(5) entry, with host key and jump host. */
  readonly sshConfig: pulumi.Output<string>;
  /** Its line of known_hosts (sshd(8)). */
  readonly knownHosts: pulumi.Output<string>;
  /** Its address, which does not change. */
  readonly address: pulumi.Output<string | undefined>;
  /** The name of its user. */
  readonly user: pulumi.Output<string>;
  /** The ports of the host that are forwarded to it, with their labels. */
  readonly ports: pulumi.Output<OpenPort[]>;
  /** How each repository, hook and other step ended. Secret if what it is made of is, as in a `Provision`. */
  readonly results: pulumi.Output<Record<string, { status: number; output: string }> | undefined>;
  /** The machine. */
  readonly machine: NspawnMachine;

  constructor(name: string, args: DevBoxArgs, opts: pulumi.ComponentResourceOptions = {}) {
    expectBoxArgs(name, args);
    super("nspawn:index:DevBox", name, {}, opts);
    const own = { parent: this };
    const { host, credentials } = args;
    const on = { host, ...(credentials !== undefined && { credentials }) };
    const boxName = pulumi.output(args.name ?? name);
    const suite = pulumi.output(args.suite ?? DEFAULT_SUITE);

    const rootfs = new DebianRootfs(
      name,
      {
        ...on,
        name: boxName,
        suite,
        packages: packagesOf(args),
        files: sshdFiles,
        ...given(args, ["mirrors", "locale", "timezone", "dataLoss", "adopt"]),
      },
      own,
    );
    const machine = new NspawnMachine(
      name,
      {
        rootfs,
        networks: [withPorts(args.network ?? this.networkOf(name, on, args), args)],
        mounts: this.mountsOf(name, on, args, boxName),
        ...given(args, ["secrets", "limits", "nesting", "devices", "privateUsers", "adopt"]),
      },
      own,
    );
    const inside = new Provision(name, { machine, ...insideOf(args) }, own);

    this.machine = machine;
    this.address = machine.address;
    this.user = madeOf(args, ["user"], ({ user }) => user.name);
    this.ports = portsOf(args);
    this.results = inside.results;
    // A public key, also where the results of other steps are secret.
    const hostKey = pulumi.unsecret(inside.results.apply((results) => results?.[HOST_KEY_STEP]?.output ?? ""));
    const access = pulumi
      .all([boxName, machine.address, this.user, machine.host, hostKey, args.forwardAgent ?? false])
      .apply(([box, address, user, server, key, forwardAgent]) => ({
        name: box,
        address,
        user,
        host: server,
        hostKey: key,
        forwardAgent,
      }));
    this.sshConfig = textFor(this, access, sshConfigOf);
    this.knownHosts = textFor(this, access, knownHostsOf);
    this.registerOutputs({
      sshConfig: this.sshConfig,
      knownHosts: this.knownHosts,
      address: this.address,
      user: this.user,
      ports: this.ports,
    });
  }

  /** The home and the host key. They may exist before the box, and they survive it; hence `adopt`. */
  private mountsOf(name: string, on: On, args: DevBoxArgs, boxName: pulumi.Output<string>) {
    const data = pulumi.output(args.data ?? pulumi.interpolate`/var/lib/devboxes/${boxName}`);
    const home = new BindMount(
      `${name}-home`,
      {
        ...on,
        source: pulumi.interpolate`${data}/home`,
        target: madeOf(args, ["user"], ({ user }) => `/home/${user.name}`),
        create: {
          owner: madeOf(args, ["user"], ({ user: { uid = DEFAULT_UID } }) => uid),
          group: madeOf(args, ["user"], ({ user: { uid = DEFAULT_UID, gid = uid } }) => gid),
          mode: "0700",
        },
        adopt: true,
      },
      { parent: this },
    );
    const keys = new BindMount(
      `${name}-host-keys`,
      {
        ...on,
        source: pulumi.interpolate`${data}/host-keys`,
        target: HOST_KEYS,
        create: { mode: "0700" },
        adopt: true,
      },
      { parent: this },
    );
    return withMounts([home, keys], args.mounts);
  }

  /** A small network of its own. If its subnet is taken, `up` reports it, and you give the box a network. */
  private networkOf(name: string, on: On, args: DevBoxArgs): VethNetwork {
    const place = madeOf(args, ["name"], ({ name: boxName = name }) => placeOf(boxName));
    const inputs = { ...on, name: place.name, subnet: place.subnet, ...given(args, ["adopt"]) };
    return new VethNetwork(`${name}-network`, inputs, { parent: this });
  }
}

/** Mounts of the box itself, and those that the program gives. */
function withMounts(own: readonly BindMount[], more: DevBoxArgs["mounts"]): pulumi.Input<pulumi.Input<MountInput>[]>;
function withMounts(own: readonly BindMount[], more: unknown): unknown {
  if (more === undefined || Array.isArray(more)) return [...own, ...(more ?? [])];
  return whenKnown(more, (list) => (Array.isArray(list) ? [...own, ...list] : list));
}

type On = Pick<DevBoxArgs, "host" | "credentials">;

/** The arguments that are defined. */
function given<K extends keyof DevBoxArgs>(args: DevBoxArgs, keys: readonly K[]): Partial<Pick<DevBoxArgs, K>> {
  const found: Partial<Pick<DevBoxArgs, K>> = {};
  for (const key of keys) if (args[key] !== undefined) found[key] = args[key];
  return found;
}
