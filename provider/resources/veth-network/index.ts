import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import { hostIdentity } from "../attachments/host-identity";
import { portTexts } from "../attachments/port-texts";
import { expectAttachable } from "../attachments/veth-literals";
import type { VethAttachment, VethSpec } from "../attachments/veth-spec";
import type { DeepInput } from "../deep-input";
import { type HostInput, type HostRef, hostInput } from "../on-host";
import type { Timeouts } from "../timeouts";
import { networkHandler } from "./network-handler";

/** A port of the host that is forwarded to a machine's port. */
export interface PortMapping {
  /** The host's port, or a range as in `"8000-8010"`. */
  readonly host: pulumi.Input<number | string>;
  /** The machine's port, or a range of the same size. */
  readonly guest: pulumi.Input<number | string>;
  /** The transport protocol. @default "tcp" */
  readonly protocol?: pulumi.Input<"tcp" | "udp">;
  /** The host's address that accepts connections. @default every address of the host */
  readonly address?: pulumi.Input<string>;
}

/** One machine's values in a network. */
export interface VethAttachArgs {
  /**
   * Its address in the subnet.
   * @default a free one, from its upper half first, which it keeps even if the machine is replaced
   */
  readonly address?: pulumi.Input<string>;
  /**
   * Ports of the host that are forwarded to the machine: `"[ADDRESS:]HOST[-END]:GUEST[-END][/tcp|/udp]"`, as in
   * `"8080:80"`, or objects. Changes take effect while the machine runs.
   * @default []
   */
  readonly ports?: pulumi.Input<pulumi.Input<string | PortMapping>[]>;
}

/** Arguments of {@link VethNetwork}. */
export interface VethNetworkArgs {
  /** The host: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default the `Host`'s own */
  readonly credentials?: DeepInput<Credentials>;
  /** Its name on the host: up to 12 lower-case letters, digits and inner hyphens. @default the logical name */
  readonly name?: pulumi.Input<string>;
  /** The machines' addresses, as in `"10.42.1.0/24"`; the host has the first one. A change restarts the machines. */
  readonly subnet: pulumi.Input<string>;
  /**
   * Additional IPv6 addresses, from a unique local subnet of 64 bits (RFC 4193), as in `"fd12:3456:789a:1::/64"`.
   * @default "none"
   */
  readonly subnet6?: pulumi.Input<string>;
  /**
   * `isolated`: a separate link for each machine, as `VirtualEthernet=` creates it; machines reach each other through
   * the host. `zone`: one segment for all, as `Zone=` creates it (systemd.nspawn(5)).
   * @default "isolated"
   */
  readonly mode?: pulumi.Input<"isolated" | "zone">;
  /**
   * Whether outgoing traffic uses the host's address (NAT). Without it, you must route the subnet yourself.
   * @default true
   */
  readonly nat?: pulumi.Input<boolean>;
  /**
   * Machines get their address, always the same, by DHCP instead of a file in the guest, which takes some seconds
   * longer. For guests whose network is not configured by systemd-networkd.
   * @default false
   */
  readonly dhcp?: pulumi.Input<boolean>;
  /**
   * The name servers that machines use. `"host"`: the servers that the host uses when the machine is created or its
   * networks change. `"stub"`: the host's systemd-resolved, which follows the host's own settings. Or a list of
   * servers.
   * @default "host"
   */
  readonly dns?: pulumi.Input<"host" | "stub" | pulumi.Input<string>[]>;
  /**
   * What machines cannot reach, except through a forwarded port of the host.
   * @default they reach each other and the host
   */
  readonly isolation?: pulumi.Input<{
    /** Other machines, in this and other networks. @default false */
    readonly machines?: pulumi.Input<boolean>;
    /** The host itself, except for ping, and for DHCP and DNS if it serves them. @default false */
    readonly host?: pulumi.Input<boolean>;
  }>;
  /** @default 120 seconds each */
  readonly timeouts?: pulumi.Input<Timeouts>;
  /** Takes over a network of this name that another resource or a person created. @default false */
  readonly adopt?: pulumi.Input<boolean>;
}

/**
 * A private network of machines on one host: addresses, NAT, name servers, and ports forwarded from the host to
 * machines.
 *
 * @throws in `up`: if systemd-networkd does not run or nft is missing, or if the subnet overlaps with another network
 * or a route of the host. On deletion: while machines have links in it.
 * @example
 * ```ts
 * const net = new nspawn.VethNetwork("dev", { host, subnet: "10.42.1.0/24" });
 * const web = new nspawn.NspawnMachine("web", { rootfs, networks: [net.attach({ ports: ["8080:80"] })] });
 * ```
 */
export class VethNetwork extends NspawnResource {
  /** @internal */
  static readonly handler = networkHandler;

  /** Its name on the host. */
  declare readonly name: pulumi.Output<string>;
  /** The machines' addresses. */
  declare readonly subnet: pulumi.Output<string>;
  /** The host's own address in it. */
  declare readonly gateway: pulumi.Output<string>;
  /** Its IPv6 addresses, or `"none"`. */
  declare readonly subnet6: pulumi.Output<string>;
  /** The result of `attach()` as plain JSON, for stack references. Accepted in a machine's `networks`. */
  readonly ref: pulumi.Output<VethSpec>;
  /** @internal */
  private readonly literalSubnet: string | undefined;
  /** @internal */
  declare readonly host: pulumi.Output<HostRef>;
  /** @internal */
  declare readonly mode: pulumi.Output<VethAttachment["mode"]>;
  /** @internal */
  declare readonly dhcp: pulumi.Output<boolean>;
  /** @internal */
  declare readonly dns: pulumi.Output<VethAttachment["dns"]>;
  /** @internal */
  declare readonly isolation: pulumi.Output<{ readonly machines: boolean; readonly host: boolean }>;

  constructor(name: string, args: VethNetworkArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, credentials, ...rest } = args;
    super(
      networkHandler,
      name,
      { ...rest, name: args.name ?? name, ...hostInput(host, credentials) },
      // Inputs with a default are outputs too if the program does not give them.
      ["gateway", "subnet6", "mode", "dhcp", "dns", "isolation"],
      opts,
    );
    this.literalSubnet = typeof args.subnet === "string" ? args.subnet : undefined;
    this.ref = this.attach();
  }

  /** This network with an address and ports for one machine. Put the result into the machine's `networks`. */
  attach(args: VethAttachArgs = {}): pulumi.Output<VethSpec> {
    expectAttachable(args, this.literalSubnet);
    const { id, host, name, mode, subnet, subnet6, dhcp, dns, isolation } = this;
    const own = pulumi
      .output({ id, host, network: name, mode, subnet, subnet6, dhcp, dns, isolation })
      .apply(({ host: on, isolation: isolated, ...veth }) => ({
        veth: { ...veth, host: hostIdentity(on), apart: veth.mode === "zone" && isolated.machines, ports: [] },
      }));
    return VethNetwork.attach(own, args);
  }

  /** Does the same for the `ref` of a network in another stack. */
  static attach(ref: pulumi.Input<VethSpec>, args: VethAttachArgs = {}): pulumi.Output<VethSpec> {
    expectAttachable(args);
    return pulumi.all([pulumi.output(ref), pulumi.output(args)]).apply(([spec, { address, ports }]) => ({
      veth: {
        ...spec?.veth,
        ...(address !== undefined && { address }),
        ...(ports !== undefined && { ports: portTexts(ports) }),
      },
    }));
  }
}
