import ipaddr from "ipaddr.js";
import { z } from "zod";

/** A port of the host, or a range of them, that leads to one of a machine. */
export interface Port {
  readonly protocol: "tcp" | "udp";
  /** The host's address that it is reached at; every address of the host where there is none. */
  readonly address?: string;
  readonly host: Range;
  /** As many ports as the host's range has. */
  readonly guest: Range;
}

export interface Range {
  readonly first: number;
  readonly last: number;
}

const SHAPE = /^(?:(\[[0-9A-Fa-f:.]+\]|\d+(?:\.\d+){3}):)?(\d+(?:-\d+)?):(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/;
const EXAMPLES = '"8080:80", "192.0.2.1:53:53/udp" or "8000-8010:9000-9010"';

/** A port in its one spelling, `[ADDRESS:]HOST[-END]:GUEST[-END]/PROTOCOL`; read by {@link parsePort}. */
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

/** A port of the host that leads to one of a machine, as an object. */
interface Mapping {
  readonly host: number | string;
  readonly guest: number | string;
  readonly protocol?: string;
  readonly address?: string;
}

/** The text of a port that was written as an object; whether it is one, {@link portSchema} says. */
export function spellMapping({ address, host, guest, protocol = "tcp" }: Mapping): string {
  const at = address === undefined ? "" : `${address.includes(":") ? `[${address}]` : address}:`;
  return `${at}${host}:${guest}/${protocol}`;
}

/**
 * Reads a port.
 *
 * @throws RangeError for text that is none.
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
    return `has ${hosts} of the host's ports and ${guests} of the machine's: as many are needed of both`;
  const plain = address === undefined ? undefined : normalisedAddress(address.replace(/^\[|\]$/g, ""));
  if (plain === "") return `has ${JSON.stringify(address)}, which is not an address of a host`;
  return { protocol: protocol === "udp" ? "udp" : "tcp", ...(plain !== undefined && { address: plain }), host, guest };
}

/** Every address (0.0.0.0) is what a port without an address has, so it is none. */
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

/** The first two ports that cannot both be had: of one protocol, with an address and a port of the host in common. */
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
