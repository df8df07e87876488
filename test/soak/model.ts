import { isDeepStrictEqual } from "node:util";
import type { HostModel, Model } from "./programs/schema";

/** The kinds of resources: their class, and what the log calls one. Each host is a resource too. */
const classes = {
  hosts: { type: "Host", noun: "host" },
  networks: { type: "VethNetwork", noun: "network" },
  roots: { type: "DebianRootfs", noun: "root" },
  mounts: { type: "BindMount", noun: "mount" },
  machines: { type: "NspawnMachine", noun: "machine" },
  provisions: { type: "Provision", noun: "provision" },
} as const;

type Kind = keyof typeof classes;
/** Those that the model of a host has. */
export const kinds = ["networks", "roots", "mounts", "machines", "provisions"] as const satisfies readonly Kind[];

/** One resource of a program. */
export interface Place {
  /** The number of its host, from 0. */
  readonly host: number;
  readonly kind: Kind;
  readonly name: string;
}

export function emptyHost(): HostModel {
  return { networks: {}, roots: {}, mounts: {}, machines: {}, provisions: {} };
}

export function emptyModel(hosts: number): Model {
  return Array.from({ length: hosts }, emptyHost);
}

/** What a program declares on one host. */
export function hostOf(model: Model | undefined, host: number): HostModel {
  return model?.[host] ?? emptyHost();
}

/** All resources of a program but its hosts. */
export function placesIn(model: Model): Place[] {
  return model.flatMap((host, index) =>
    kinds.flatMap((kind) => Object.keys(host[kind]).map((name) => ({ host: index, kind, name }))),
  );
}

/** The resource of a host itself, which a program that declares anything has. */
export function serverOf(host: number): Place {
  return { host, kind: "hosts", name: "server" };
}

export function has(model: Model | undefined, { host, kind, name }: Place): boolean {
  if (kind === "hosts") return model?.[host] !== undefined;
  return name in hostOf(model, host)[kind];
}

/** The pattern by which the CLI finds a resource. */
export function urnPattern({ host, kind, name }: Place): string {
  return `**${classes[kind].type}::h${host + 1}-${name}`;
}

/** As it is written in the log: `machine box1`. */
export function labelOf({ kind, name }: Omit<Place, "host">): string {
  return `${classes[kind].noun} ${name}`;
}

/** What a program declares on a host that the one before did not: `+` is new, `~` differs, `-` is gone. */
export function changesBetween(before: HostModel, after: HostModel): string[] {
  return kinds.flatMap((kind) => {
    const names = [...new Set([...Object.keys(before[kind]), ...Object.keys(after[kind])])].sort();
    return names.flatMap((name) => {
      const [from, to] = [before[kind][name], after[kind][name]];
      if (isDeepStrictEqual(from, to)) return [];
      const sign = from === undefined ? "+" : to === undefined ? "-" : "~";
      return [`${sign}${labelOf({ kind, name })}`];
    });
  });
}
