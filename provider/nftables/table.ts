import { createHash } from "node:crypto";
import { type Port, parsePort, type Range, sizeOf } from "./ports";

/**
 * Our single table on a host. Its base includes a directory in which every network and every machine's link has its own
 * part, so that nobody edits another's file. One `nft -f` of the base replaces the whole table atomically (nft(8)).
 */
export const TABLE = "inet pulumi_nspawn";

export const BASE_PATH = "/etc/pulumi-nspawn/nftables.nft";
const PARTS = "/etc/pulumi-nspawn/nftables";

export function networkPartPath(network: string): string {
  return `${PARTS}/50-${network}.nft`;
}

/** Network names have no dot; machine names may. */
export function machinePartPath(network: string, machine: string): string {
  return `${PARTS}/${machinePartName(network, machine)}`;
}

/** The name of its file. With `*` for the machine, a pattern of the names of all of a network's machines. */
export function machinePartName(network: string, machine: string): string {
  return `60-${network}.${machine}.nft`;
}

const COMMENT = "# Managed by pulumi-nspawn: `pulumi refresh` shows changes made here, `pulumi up` undoes them.";

/**
 * The rules that all networks share.
 *
 * A port is forwarded wherever a packet for the host comes from: also from the host itself, and from the machine that
 * the port belongs to (hairpin), where the answer must come back the same way. `route_localnet`, which ports of 127.0.0.1
 * need, would let neighbours send packets to the host's loopback addresses, so those are dropped first (ip-sysctl,
 * kernel.org).
 */
export const baseText = `${COMMENT}
table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
	set pools { type ipv4_addr; flags interval; }
	set pools6 { type ipv6_addr; flags interval; }
	set links { type devgroup; }

	chain ports { }
	chain between_machines { ct state established,related accept; ct status dnat accept; drop; }
	chain to_the_host { ct state established,related accept; meta l4proto { icmp, icmpv6 } accept; }

	chain loopback {
		type filter hook prerouting priority raw; policy accept;
		iifname != "lo" ip daddr 127.0.0.0/8 drop
	}
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local jump ports
	}
	chain output {
		type nat hook output priority -100; policy accept;
		fib daddr type local jump ports
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 127.0.0.0/8 ip daddr @pools ct status dnat masquerade
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
	}
	chain input {
		type filter hook input priority filter; policy accept;
	}
}
include "${PARTS}/*.nft"
`;

/** The values that a network's part of the table depends on. */
export interface NetworkPart {
  readonly name: string;
  readonly subnet: string;
  readonly subnet6?: string | undefined;
  readonly nat: boolean;
  readonly dhcp: boolean;
  /** The host's address that machines use as name server, if they do. */
  readonly resolver?: string | undefined;
  readonly isolation: { readonly machines: boolean; readonly host: boolean };
}

/**
 * The interface group of a network's links, which rules match whatever the links' names are (`Group=`,
 * systemd.network(5)).
 */
export function linkGroup(network: string): number {
  return createHash("sha256").update(`pulumi-nspawn ${network}`).digest().readUInt32BE() % 2 ** 31 || 1;
}

/** A network's part of the table. */
export function networkPart({ name, subnet, subnet6, nat, dhcp, resolver, isolation }: NetworkPart): string {
  const group = linkGroup(name);
  const families = [
    { ip: "ip", subnet, pools: "pools" },
    ...(subnet6 === undefined ? [] : [{ ip: "ip6", subnet: subnet6, pools: "pools6" }]),
  ];
  return text([
    ...families.map((family) => `# ${nat ? "masqueraded" : "routed"} ${family.ip} ${family.subnet}`),
    element("links", String(group)),
    ...families.flatMap(({ ip, subnet: pool, pools }) => [
      element(pools, pool),
      ...(nat ? [rule("postrouting", `${ip} saddr ${pool} ${ip} daddr != @${pools} masquerade`)] : []),
      rule("postrouting", `${ip} saddr ${pool} ${ip} daddr @${pools} ct status dnat masquerade`),
    ]),
    ...(isolation.machines
      ? [
          rule("forward", `iifgroup ${group} oifgroup @links jump between_machines`),
          rule("forward", `iifgroup @links oifgroup ${group} jump between_machines`),
        ]
      : []),
    ...(isolation.host
      ? [
          rule("input", `iifgroup ${group} jump to_the_host`),
          ...(dhcp ? [rule("input", `iifgroup ${group} udp dport 67 accept`)] : []),
          ...(resolver
            ? [rule("input", `iifgroup ${group} ip daddr ${resolver} meta l4proto { tcp, udp } th dport 53 accept`)]
            : []),
          rule("input", `iifgroup ${group} drop`),
        ]
      : []),
  ]);
}

/** Where to forward a machine's ports. */
export interface MachinePart {
  readonly address: string;
  readonly address6?: string | undefined;
  /** As `portSchema` spells them. */
  readonly ports: readonly string[];
}

/** The part of a machine's link. It exists even without ports, because it records who uses the network. */
export function machinePart({ address, address6, ports }: MachinePart): string {
  return text([
    `# address ${address}`,
    ...ports.map((port) => `# port ${claimOf(port)}`),
    ...ports
      .map(parsePort)
      .flatMap((port) => [
        ...(port.address?.includes(":") ? [] : [forward(port, "ip", address)]),
        ...(address6 === undefined || port.address?.includes(".") ? [] : [forward(port, "ip6", address6)]),
      ]),
  ]);
}

/**
 * A port's claim on its host, as scripts compare it: `PROTOCOL ADDRESS FIRST LAST`, with the address `*` for all of the
 * host's.
 */
export function claimOf(text: string): string {
  const { protocol, address = "*", host } = parsePort(text);
  return `${protocol} ${address} ${host.first} ${host.last}`;
}

function forward(port: Port, ip: "ip" | "ip6", to: string): string {
  const match =
    port.address === undefined ? `meta nfproto ${ip === "ip" ? "ipv4" : "ipv6"}` : `${ip} daddr ${port.address}`;
  return rule("ports", `${match} ${port.protocol} dport ${span(port.host)} dnat ${ip} to ${target(port, to)}`);
}

/** A range that keeps its numbers needs no ports; any other range is mapped port by port. */
function target({ protocol, host, guest }: Port, to: string): string {
  const address = to.includes(":") ? `[${to}]` : to;
  if (host.first === guest.first) return to;
  if (sizeOf(host) === 1) return `${address}:${guest.first}`;
  const pairs = Array.from({ length: sizeOf(host) }, (_, index) => `${host.first + index} : ${guest.first + index}`);
  return `${address} : ${protocol} dport map { ${pairs.join(", ")} }`;
}

function span({ first, last }: Range): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

function rule(chain: string, what: string): string {
  return `add rule ${TABLE} ${chain} ${what}`;
}

function element(set: string, value: string): string {
  return `add element ${TABLE} ${set} { ${value} }`;
}

function text(lines: readonly string[]): string {
  return `${[COMMENT, ...lines].join("\n")}\n`;
}
