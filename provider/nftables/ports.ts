import ipaddr from "ipaddr.js";
import { z } from "zod";

/** A port of the host, or a range of ports, that is forwarded to a machine. */
export interface Port {
  readonly protocol: "tcp" | "udp";
  /** The host's address that accepts connections; every address of the host if not given. */
  readonly address?: string;
  readonly host: Range;
  /** As many ports as in the host's range. */
  readonly guest: Range;
}

export interface Range {
  readonly first: number;
  readonly last: number;
}

const SHAPE = /^(?:(\[[0-9A-Fa-f:.]+\]|\d+(?:\.\d+){3}):)?(\d+(?:-\d+)?):(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/;
const EXAMPLES = '"8080:80", "192.0.2.1:53:53/udp" or "8000-8010:9000-9010"';

/** A port in canonical form, `[ADDRESS:]HOST[-END]:GUEST[-END]/PROTOCOL`; read by {@link parsePort}. */
export const portSchema = z
  .union(
    [
      z.string(),
      z.strictObject({
        host: z.union([z.int(), z.string()]),
        guest: z.union([z.int(), z.string()]),
        protocol: z.enum(["tcp", "udp"]).default("tcp"),
        address: z.string().optional(),
      }),
    ],
    `a port is text as in ${EXAMPLES}, or an object of host, guest, protocol and address`,
  )
  .transform((port, context) => {
    const text = typeof port === "string" ? port : spellMapping(port);
    const parsed = parse(text);
    if (typeof parsed !== "string") return spell(parsed);
    context.addIssue({ code: "custom", message: `${JSON.stringify(text)} ${parsed}.` });
    return z.NEVER;
  });

/** A port of the host that is forwarded to a machine, as an object. */
interface Mapping {
  readonly host: number | string;
  readonly guest: number | string;
  readonly protocol?: string;
  readonly address?: string;
}

/** The text of a port that was written as an object. {@link portSchema} decides whether it is valid. */
export function spellMapping({ address, host, guest, protocol = "tcp" }: Mapping): string {
  const at = address === undefined ? "" : `${address.includes(":") ? `[${address}]` : address}:`;
  return `${at}${host}:${guest}/${protocol}`;
}

/**
 * Reads a port.
 *
 * @throws RangeError if the text is not a port.
 */
export function parsePort(text: string): Port {
  const parsed = parse(text);
  if (typeof parsed === "string") throw new RangeError(`${JSON.stringify(text)} ${parsed}`);
  return parsed;
}

/** The port, or what is wrong with it as the end of a sentence. */
function parse(text: string): Port | string {
  const [, address, hostText, guestText, protocol] = SHAPE.exec(text) ?? [];
  if (hostText === undefined || guestText === undefined) return `is not a port: write one as in ${EXAMPLES}`;
  const host = rangeOf(hostText);
  const guest = rangeOf(guestText);
  if (host === undefined || guest === undefined)
    return "has a port that is not one of 1 to 65535, or a range that ends before it begins";
  const [hosts, guests] = [sizeOf(host), sizeOf(guest)];
  if (hosts !== guests)
    return `has ${hosts} of the host's ports and ${guests} of the machine's: both ranges must have the same size`;
  const plain = address === undefined ? undefined : normalisedAddress(address.replace(/^\[|\]$/g, ""));
  if (plain === "") return `has ${JSON.stringify(address)}, which is not an address of a host`;
  return { protocol: protocol === "udp" ? "udp" : "tcp", ...(plain !== undefined && { address: plain }), host, guest };
}

/** The unspecified address (0.0.0.0) means every address, the same as no address, so it becomes none. */
function normalisedAddress(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text === "0.0.0.0" ? undefined : text;
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toRFC5952String() : "";
}

function rangeOf(text: string): Range | undefined {
  const [first = 0, last = first] = text.split("-").map(Number);
  return first >= 1 && last >= first && last <= 65535 ? { first, last } : undefined;
}

export function sizeOf({ first, last }: Range): number {
  return last - first + 1;
}

function spell({ host, guest, ...rest }: Port): string {
  const range = ({ first, last }: Range) => (first === last ? first : `${first}-${last}`);
  return spellMapping({ ...rest, host: range(host), guest: range(guest) });
}

/** Whether connections to the host's IPv4 loopback addresses are forwarded by this port. */
export function isOfLoopback(text: string): boolean {
  const { address = "127.0.0.1" } = parsePort(text);
  return address.startsWith("127.");
}

/** The first two ports that conflict: they share a protocol, an address and a port of the host. */
export function firstCollision(ports: readonly string[]): readonly [string, string] | undefined {
  for (const [index, port] of ports.entries()) {
    const other = ports.slice(0, index).find((earlier) => collide(parsePort(earlier), parsePort(port)));
    if (other !== undefined) return [other, port];
  }
  return undefined;
}

function collide(one: Port, other: Port): boolean {
  const addresses = one.address === undefined || other.address === undefined || one.address === other.address;
  const ports = one.host.first <= other.host.last && other.host.first <= one.host.last;
  return one.protocol === other.protocol && addresses && ports;
}
