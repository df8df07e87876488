import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { DeepInput } from "../deep-input";
import type { BridgeFragment, BridgePort } from "../fragments/bridge-fragment";
import { hostIdentity } from "../fragments/host-identity";
import { type HostInput, type HostRef, hostInput } from "../on-host";
import type { Timeouts } from "../timeouts";
import { bridgeHandler } from "./bridge-handler";

/** How a machine is on the network of the bridge. */
export interface BridgePortArgs {
  /** `"dhcp"`, or an IPv4 address with its prefix as in `"192.168.1.20/24"`. IPv6 comes by router advertisements. @default "dhcp" */
  readonly address?: pulumi.Input<string>;
  /** The way out, where the address is none of DHCP. @default none: the machine reaches its own network alone */
  readonly gateway?: pulumi.Input<string>;
  /** Addresses of name servers. @default those of DHCP, else none */
  readonly dns?: pulumi.Input<pulumi.Input<string>[]>;
  /** The VLAN whose untagged member the machine is, 1 to 4094; the bridge has to filter VLANs. @default none */
  readonly vlan?: pulumi.Input<number>;
  /** The machine's MAC address, by which DHCP servers then know it. @default made by systemd-nspawn of host and name, and stable */
  readonly mac?: pulumi.Input<string>;
}

/** A bridge that is to be made. */
export interface BridgeCreateArgs {
  /** The Ethernet interface that goes into the bridge; systemd-networkd has to manage it. */
  readonly uplink: pulumi.Input<string>;
  /**
   * The host's own IPv4 addresses on the bridge, each with its prefix. `"keep"` moves all that the uplink has: addresses, DHCP, routes, name
   * servers, as they are when the bridge is made; a list takes the place of the IPv4 addresses alone.
   * @default "keep"
   */
  readonly addresses?: pulumi.Input<"keep" | pulumi.Input<string>[]>;
  /** The host's IPv4 gateway, beside a list of addresses. @default the uplink's */
  readonly gateway?: pulumi.Input<string>;
  /** The host's name servers, beside a list of addresses. @default the uplink's */
  readonly dns?: pulumi.Input<pulumi.Input<string>[]>;
  /** VLANs that the uplink carries tagged, 1 to 4094; with any, the bridge filters VLANs. @default none: it takes every frame */
  readonly vlans?: pulumi.Input<pulumi.Input<number>[]>;
}

/** Arguments of {@link BridgeAttachment}. */
export interface BridgeAttachmentArgs extends BridgePortArgs {
  /** Where it is: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default those of the `Host` */
  readonly credentials?: DeepInput<Credentials>;
  /** The bridge: up to 15 letters, digits, `.`, `_` and `-` (ifname_valid in systemd). */
  readonly bridge: pulumi.Input<string>;
  /**
   * Makes the bridge and moves the addresses of its uplink there. The host rolls that back by itself, through a reboot too, where it
   * cannot be logged in to again within 20 seconds. Removing puts the uplink back.
   * @default none: the bridge is there already, and stays
   */
  readonly create?: pulumi.Input<BridgeCreateArgs>;
  /** Takes over a bridge that another BridgeAttachment made. @default false */
  readonly adopt?: pulumi.Input<boolean>;
  /** @default create, update and delete 180, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A bridge that machines are plugged into, so that they are on the same network as their host: one that is there, or one made
 * over an uplink of the host.
 *
 * It goes into `networks` of a machine as it is, or by `attach` with values for one machine.
 *
 * @throws in `up`: where there is no such bridge, where the uplink is not managed by systemd-networkd, where the bridge is
 * another's, and where the host could not be logged in to with its new network, which then is the old one again.
 * @example
 * ```ts
 * const lan = new nspawn.BridgeAttachment("lan", { host, bridge: "br0", create: { uplink: "eth0" }, gateway: "192.168.1.1" });
 * new nspawn.NspawnMachine("web", { rootfs: web, networks: [lan] });
 * new nspawn.NspawnMachine("db", { rootfs: db, networks: [lan.attach({ address: "192.168.1.20/24" })] });
 * ```
 */
export class BridgeAttachment extends NspawnResource {
  /** @internal */
  static readonly handler = bridgeHandler;

  /** The name of the bridge. */
  declare readonly bridge: pulumi.Output<string>;
  /** What `attach()` gives, as plain JSON, for stack references: accepted in `networks` of a machine. */
  readonly ref: pulumi.Output<BridgeFragment>;
  /** @internal */
  declare readonly host: pulumi.Output<HostRef>;
  /** @internal */
  declare readonly port: pulumi.Output<BridgePort>;

  constructor(name: string, args: BridgeAttachmentArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, credentials, ...rest } = args;
    super(bridgeHandler, name, { ...rest, ...hostInput(host, credentials) }, ["port"], opts);
    this.ref = this.attach();
  }

  /** What a machine's `networks` take: this bridge, with an address and more of the machine's own. */
  attach(args: BridgePortArgs = {}): pulumi.Output<BridgeFragment> {
    const { id, host, bridge, port } = this;
    const own = pulumi
      .output({ id, host, bridge, port })
      .apply((all) => ({ bridge: { id: all.id, host: hostIdentity(all.host), name: all.bridge, ...all.port } }));
    return BridgeAttachment.attach(own, args);
  }

  /** The same of the `ref` of an attachment in another stack. */
  static attach(ref: pulumi.Input<BridgeFragment>, args: BridgePortArgs = {}): pulumi.Output<BridgeFragment> {
    return pulumi
      .all([pulumi.output(ref), pulumi.output(args)])
      .apply(([{ bridge }, given]) => ({ bridge: { ...bridge, ...definedOnly(given) } }));
  }
}

function definedOnly<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.assign({}, ...entries.map(([key, value]) => ({ [key]: value })));
}
