import ipaddr from "ipaddr.js";
import { z } from "zod";

/** Prefix lengths of a machine network: /30 has room for the gateway and one machine. */
const WIDEST = 8;
const NARROWEST = 30;

/** An IPv4 address in dotted decimals. */
export const addressSchema = z.string("an address is text").superRefine((text, context) => {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) refuse(context, text, 'is not an IPv4 address as in "10.42.1.5"');
});

/** The IPv4 subnet of a machine network, as in `10.42.1.0/24`. */
export const subnetSchema = z.string("a subnet is text").superRefine((text, context) => {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    return refuse(context, text, 'is not a subnet: write address and prefix length as in "10.42.1.0/24"');
  }
  const [address, length] = ipaddr.IPv4.parseCIDR(text);
  const network = ipaddr.IPv4.networkAddressFromCIDR(text);
  if (length < WIDEST || length > NARROWEST) {
    return refuse(context, text, `has ${length} bits of prefix: a machine network has ${WIDEST} to ${NARROWEST}`);
  }
  if (!USABLE.includes(network.range())) {
    return refuse(context, text, `is reserved for ${network.range()} addresses (RFC 6890): use one as "10.42.1.0/24"`);
  }
  const canonical = `${network.toString()}/${length}`;
  if (address.toString() !== network.toString() || text !== canonical) {
    refuse(context, text, `is an address inside a subnet: the subnet itself is "${canonical}"`);
  }
});

/** Whether a subnet is neither private (RFC 1918) nor shared address space (RFC 6598). No text but a subnet is. */
export function isPublic(subnet: string): boolean {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(subnet)) return false;
  const ranges = [ipaddr.IPv4.networkAddressFromCIDR(subnet), ipaddr.IPv4.broadcastAddressFromCIDR(subnet)];
  return !ranges.every((address) => ["private", "carrierGradeNat"].includes(address.range()));
}

const USABLE = ["unicast", "private", "carrierGradeNat", "reserved"];

/** A unique local IPv6 subnet of 64 bits (RFC 4193), normalised as in RFC 5952, or `none`. */
export const subnet6Schema = z.string("a subnet is text").transform((text, context) => {
  if (text === "none") return text;
  if (!ipaddr.IPv6.isValidCIDR(text)) {
    refuse(context, text, 'is not an IPv6 subnet: write address and prefix length as in "fd12:3456:789a:1::/64"');
    return z.NEVER;
  }
  const [address, length] = ipaddr.IPv6.parseCIDR(text);
  const network = ipaddr.IPv6.networkAddressFromCIDR(text);
  const canonical = `${network.toRFC5952String()}/64`;
  if (length !== 64 || address.toNormalizedString() !== network.toNormalizedString()) {
    refuse(context, text, `is not a subnet of 64 bits as in "${canonical}"`);
  } else if (network.range() !== "uniqueLocal") {
    refuse(context, text, "is not a unique local subnet (RFC 4193): it must begin with fd, followed by 40 random bits");
  } else return canonical;
  return z.NEVER;
});

function refuse(context: z.RefinementCtx, text: string, problem: string): void {
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} ${problem}.` });
}

/** The first address of a subnet: the host's own in a machine network. */
export function gatewayOf(subnet: string): string {
  return addressAt(subnet, 1);
}

/** The address at an offset from the subnet's own, also in an IPv6 subnet of 64 bits. */
export function addressAt(subnet: string, offset: number): string {
  const [network] = ipaddr.parseCIDR(subnet);
  const bytes = network.toByteArray();
  let carry = offset;
  for (let index = bytes.length - 1; index >= 0 && carry > 0; index--) {
    const sum = (bytes[index] ?? 0) + carry;
    bytes[index] = sum % 256;
    carry = Math.floor(sum / 256);
  }
  const address = ipaddr.fromByteArray(bytes);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** The offset of an address from the subnet's own. */
export function offsetIn(subnet: string, address: string): number {
  return numberOf(address) - numberOf(ipaddr.IPv4.networkAddressFromCIDR(subnet).toString());
}

/** An IPv4 address as a number, so that shells can compare it. */
export function numberOf(address: string): number {
  return ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0);
}

/** First and last address of an IPv4 subnet as numbers, including the network and broadcast addresses. */
export function boundsOf(subnet: string): { readonly first: number; readonly last: number } {
  return {
    first: numberOf(ipaddr.IPv4.networkAddressFromCIDR(subnet).toString()),
    last: numberOf(ipaddr.IPv4.broadcastAddressFromCIDR(subnet).toString()),
  };
}

/** The prefix length of a subnet. */
export function prefixLengthOf(subnet: string): number {
  return ipaddr.parseCIDR(subnet)[1];
}

/** Why a machine cannot have an address in a subnet, as the end of a sentence; `undefined` if it can. */
export function addressProblem(subnet: string, address: string): string | undefined {
  const { first, last } = boundsOf(subnet);
  const number = numberOf(address);
  const rest = `the machines of ${subnet} have ${addressAt(subnet, 2)} to ${addressAt(subnet, last - first - 1)}`;
  if (number < first || number > last) return `is not in the subnet; ${rest}`;
  if (number === first) return `is the subnet's own address; ${rest}`;
  if (number === last) return `is the subnet's broadcast address; ${rest}`;
  if (number === first + 1) return `is the gateway, the host's own address; ${rest}`;
  return undefined;
}
