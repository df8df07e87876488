import { type Answer, lines, type Script } from "../../remote";
import { lineDifference } from "../drift";
import { sh } from "../sh";
import { type Loopback, settleLoopback } from "./loopback";

const ROUTE_LOCALNET = "IPv4RouteLocalnet=yes";

/** The host's end of a machine's link, or a bridge of such links, as it must be while the other end is up. */
export interface HostLink {
  readonly interface: string;
  /** The bridge that it is in. */
  readonly master?: string;
  /** With prefix lengths, as `ip address` prints them. */
  readonly addresses?: readonly string[];
  /** Addresses that it has a route to. */
  readonly routes?: readonly string[];
  /** Whether it has them even if nothing at the other end is up. @default false */
  readonly always?: boolean;
  /** Whether ports of the host's 127.0.0.1 lead there. @default never */
  readonly loopback?: Loopback;
}

/**
 * Answers the links of the host, their addresses and routes, and which are open for loopback addresses: a few questions,
 * whatever the number of machines.
 */
export const linksInventory: Script = sh`links_answer`;

/** Brings a link to what it must be. */
export function settleLink(link: HostLink): Script {
  const { interface: name, master = "", addresses = [], routes = [], always, loopback } = link;
  return lines([
    sh`link_settle ${name} ${master} ${addresses.join(" ")} ${routes.join(" ")} ${always ? "UP" : "LOWER_UP"}`,
    ...(loopback === undefined ? [] : [settleLoopback(name, loopback)]),
  ]);
}

/** Lines that a link lacks, as settings of its `.network` file; none for a link that nobody asked for. */
export function linkDrift(link: HostLink, answers: readonly Answer[]): string {
  const values = answers.find(({ key }) => key === "links")?.values;
  if (values === undefined) return "";
  const [links = "", addresses = "", routes = "", open = ""] = values;
  const line = lineOf(link.interface, links);
  if (line === undefined) return `-${link.interface}`;
  const device = nameIn(line);
  const up = link.always || line.includes("LOWER_UP");
  const master = / master (\S+)/.exec(line)?.[1];
  const has = (text: string, ...words: readonly RegExp[]) =>
    text.split("\n").some((one) => words.every((word) => word.test(one)));
  const wanted = [
    ...(link.master === undefined ? [] : [`Bridge=${link.master}`]),
    ...(up ? (link.addresses ?? []).map((address) => `Address=${address}`) : []),
    ...(up ? (link.routes ?? []).map((route) => `Destination=${route}`) : []),
  ];
  const found = wanted.filter((setting) => {
    const [key = "", value = ""] = setting.split("=");
    if (key === "Bridge") return value === master;
    if (key === "Address") return has(addresses, word(value), new RegExp(`^\\d+: ${escaped(device)}\\s`));
    return has(routes, new RegExp(`^${escaped(value)} `), word(device));
  });
  const other = link.master !== undefined && master !== undefined && master !== link.master ? [`Bridge=${master}`] : [];
  const isOpen = open.split("\n").includes(device);
  const spelled = (settings: readonly string[]) => settings.map((setting) => `${link.interface}: ${setting}`);
  return lineDifference(
    spelled([...wanted, ...(link.loopback?.open === true ? [ROUTE_LOCALNET] : [])]),
    spelled([...other, ...found, ...(isOpen && link.loopback?.open !== undefined ? [ROUTE_LOCALNET] : [])]),
  );
}

/** Whether the host has such a link. */
export function hasLink(name: string, answers: readonly Answer[]): boolean {
  return lineOf(name, answers.find(({ key }) => key === "links")?.values[0] ?? "") !== undefined;
}

/** A link's line by its name, or by its alternative name. */
function lineOf(name: string, links: string): string | undefined {
  return links.split("\n").find((line) => nameIn(line) === name || word(`altname ${name}`).test(line));
}

function nameIn(line: string): string {
  return /^\d+: ([^:@]+)/.exec(line)?.[1] ?? "";
}

function word(text: string): RegExp {
  return new RegExp(`(?<!\\S)${escaped(text)}(?!\\S)`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
