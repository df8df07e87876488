import * as pulumi from "@pulumi/pulumi";
import { expectLiterals, NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import { type BridgePort, type BridgeSpec, bridgePortShape } from "../attachments/bridge-spec";
import { hostIdentity } from "../attachments/host-identity";
import type { DeepInput } from "../deep-input";
import { type HostInput, type HostRef, hostInput } from "../on-host";
import type { Timeouts } from "../timeouts";
import { bridgeHandler } from "./bridge-handler";

/** How a machine is configured on the bridge's network. */
export interface BridgePortArgs {
  /**
   * `"dhcp"`, or an IPv4 address with its prefix as in `"192.168.1.20/24"`. IPv6 uses router advertisements.
   * @default "dhcp"
   */
  readonly address?: pulumi.Input<string>;
  /** The default gateway for a static address. @default none: the machine reaches only its own network */
  readonly gateway?: pulumi.Input<string>;
  /** Addresses of name servers. @default those from DHCP, if any */
  readonly dns?: pulumi.Input<pulumi.Input<string>[]>;
  /** The VLAN that the machine is an untagged member of, 1 to 4094; the bridge must filter VLANs. @default none */
  readonly vlan?: pulumi.Input<number>;
  /**
   * The machine's MAC address, which also identifies it to DHCP servers.
   * @default a stable one, derived from host and name
   */
  readonly mac?: pulumi.Input<string>;
}

/** A bridge to create. */
export interface BridgeCreateArgs {
  /** The Ethernet interface to add to the bridge. systemd-networkd must manage it. */
  readonly uplink: pulumi.Input<string>;
  /**
   * The host's own IPv4 addresses on the bridge, each with its prefix. `"keep"` moves the uplink's whole configuration
   * (addresses, DHCP, routes, name servers), as it is when the bridge is created. A list replaces the IPv4 addresses
   * only.
   * @default "keep"
   */
  readonly addresses?: pulumi.Input<"keep" | pulumi.Input<string>[]>;
  /** The host's IPv4 gateway. Only with a list of addresses. @default the uplink's */
  readonly gateway?: pulumi.Input<string>;
  /** The host's name servers. Only with a list of addresses. @default the uplink's */
  readonly dns?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * VLANs that the uplink carries tagged, 1 to 4094. If set, the bridge filters VLANs.
   * @default none: it takes every frame
   */
  readonly vlans?: pulumi.Input<pulumi.Input<number>[]>;
}

/** Arguments of {@link BridgeAttachment}. */
export interface BridgeAttachmentArgs extends BridgePortArgs {
  /** The host: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default the `Host`'s own */
  readonly credentials?: DeepInput<Credentials>;
  /** The bridge: up to 15 letters, digits, `.`, `_` and `-` (ifname_valid in systemd). */
  readonly bridge: pulumi.Input<string>;
  /**
   * Creates the bridge and moves the addresses of its uplink to it. If you cannot log in to the host again within 20
   * seconds, it rolls back by itself, even after a reboot. Deleting the resource restores the uplink.
   * @default none: the bridge already exists, and stays
   */
  readonly create?: pulumi.Input<BridgeCreateArgs>;
  /** Takes over a bridge that another BridgeAttachment created. @default false */
  readonly adopt?: pulumi.Input<boolean>;
  /** @default create, update and delete 180, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A bridge that connects machines to the same network as their host: an existing one, or one created over an uplink of
 * the host.
 *
 * Put it into a machine's `networks` as it is, or call `attach` to set values for that machine.
 *
 * @throws in `up`: if the bridge does not exist, if systemd-networkd does not manage the uplink, if the bridge belongs
 * to another resource, or if you could not log in to the host with its new network, which is then rolled back.
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
  /** The result of `attach()` as plain JSON, for stack references. Accepted in a machine's `networks`. */
  readonly ref: pulumi.Output<BridgeSpec>;
  /** @internal */
  declare readonly host: pulumi.Output<HostRef>;
  /** @internal */
  declare readonly port: pulumi.Output<BridgePort>;

  constructor(name: string, args: BridgeAttachmentArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, credentials, ...rest } = args;
    super(bridgeHandler, name, { ...rest, ...hostInput(host, credentials) }, ["port"], opts);
    this.ref = this.attach();
  }

  /** This bridge with values for one machine, such as an address. Put the result into the machine's `networks`. */
  attach(args: BridgePortArgs = {}): pulumi.Output<BridgeSpec> {
    expectLiterals("attach() of a BridgeAttachment", "attach()", bridgePortShape, args);
    const { id, host, bridge, port } = this;
    const own = pulumi
      .output({ id, host, bridge, port })
      .apply((all) => ({ bridge: { id: all.id, host: hostIdentity(all.host), name: all.bridge, ...all.port } }));
    return BridgeAttachment.attach(own, args);
  }

  /** Does the same for the `ref` of an attachment in another stack. */
  static attach(ref: pulumi.Input<BridgeSpec>, args: BridgePortArgs = {}): pulumi.Output<BridgeSpec> {
    expectLiterals("attach() of a BridgeAttachment", "attach()", bridgePortShape, args);
    return pulumi
      .all([pulumi.output(ref), pulumi.output(args)])
      .apply(([spec, given]) => ({ bridge: { ...spec?.bridge, ...definedOnly(given) } }));
  }
}

function definedOnly<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.assign({}, ...entries.map(([key, value]) => ({ [key]: value })));
}
