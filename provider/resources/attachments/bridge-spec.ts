import ipaddr from "ipaddr.js";
import { z } from "zod";
import { interfaceName } from "../../systemd/interface";

/** An IPv4 address with its network's prefix length, as an interface has it: `192.168.1.20/24`. */
export const interfaceAddress = z.string("an address is text").superRefine((text, context) => {
  const problem = addressProblem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: `${JSON.stringify(text)} ${problem}.` });
});

function addressProblem(text: string): string | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    return 'is not an address with a prefix length, as in "192.168.1.20/24"';
  }
  const [address, length] = ipaddr.IPv4.parseCIDR(text);
  if (length === 0 || address.range() === "multicast" || address.range() === "unspecified") {
    return "is not the address of one interface";
  }
  if (length > 30) return undefined;
  if (`${address}` === `${ipaddr.IPv4.networkAddressFromCIDR(text)}`) {
    return "is the network's own address: write the machine's address";
  }
  if (`${address}` === `${ipaddr.IPv4.broadcastAddressFromCIDR(text)}`) return "is the network's broadcast address";
  return undefined;
}

/** The address alone, without the prefix length. */
export function hostOf(address: string): string {
  return address.replace(/\/.*/, "");
}

export const serverAddress = z.union([z.ipv4(), z.ipv6()], "is not the address of a name server");

export const vlanId = z.int("a VLAN is a number").min(1, "VLANs are 1 to 4094").max(4094, "VLANs are 1 to 4094");

/** A unicast Ethernet address, normalised to lower-case hexadecimal digits and colons. */
const macAddress = z.string("a MAC address is text").transform((text, context) => {
  const mac = text.toLowerCase().replaceAll("-", ":");
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) {
    context.addIssue({
      code: "custom",
      message: `${JSON.stringify(text)} is not a MAC address as in "02:00:5e:10:00:01".`,
    });
    return z.NEVER;
  }
  if (mac === "00:00:00:00:00:00" || Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) {
    context.addIssue({
      code: "custom",
      message: `${JSON.stringify(text)} is not the address of one interface: the first byte of such an address is even (IEEE 802).`,
    });
    return z.NEVER;
  }
  return mac;
});

/** How a machine is configured on the bridge's network. Inputs of both `BridgeAttachment` and its `attach`. */
export const bridgePortShape = {
  address: z
    .union([z.literal("dhcp"), interfaceAddress], 'write "dhcp", or an address as in "192.168.1.20/24"')
    .default("dhcp"),
  gateway: z.ipv4("is not an IPv4 address").optional(),
  dns: z.array(serverAddress).optional(),
  vlan: vlanId.optional(),
  mac: macAddress.optional(),
};

const bridgePort = z.object(bridgePortShape);
export type BridgePort = z.infer<typeof bridgePort>;

/**
 * The gateway must be directly reachable: refuses one outside the address's network. With DHCP another one is assigned.
 */
export function gatewayProblems({ address, gateway }: Pick<BridgePort, "address" | "gateway">): string[] {
  // This runs also if one of the two was refused.
  const known = ipaddr.IPv4.isValidCIDRFourPartDecimal(address) && ipaddr.IPv4.isValidFourPartDecimal(gateway ?? "");
  if (gateway === undefined || !known) return [];
  const inside = ipaddr.IPv4.parse(gateway).match(ipaddr.IPv4.parseCIDR(address));
  return inside ? [] : [`gateway: "${gateway}" is not in the network of "${address}".`];
}

/** What a `BridgeAttachment` passes to a machine. */
export const bridgeSpec = z.strictObject({
  bridge: z
    .strictObject({ host: z.string(), id: z.string(), name: interfaceName, ...bridgePortShape })
    .superRefine((port, context) => {
      for (const message of gatewayProblems(port)) context.addIssue({ code: "custom", message });
    }),
});
export type BridgeSpec = z.infer<typeof bridgeSpec>;

/** What only one machine may have: an address. */
export function bridgeUniqueKeys({ name, address }: BridgeSpec["bridge"]): string[] {
  return address === "dhcp" ? [] : [`the address "${address}" on the bridge "${name}"`];
}
