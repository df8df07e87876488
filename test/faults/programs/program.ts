import type { Operation } from "../cell";

/** What a program says: the first version, or one that updates or replaces its main resource. */
export const versions = ["ground", "first", "updated", "replaced"] as const;
export type Version = (typeof versions)[number];

/** Where a program runs, and which of two that run on one host at once it is. */
export interface Setting {
  /** A connection, as a program gives it. */
  readonly connection: Readonly<Record<string, unknown>>;
  /** The last part of each name, so that two stacks share nothing. */
  readonly suffix: "" | "-two";
}

/** One resource, or a component, and how it is changed. */
export interface Program {
  readonly name: string;
  /** Why an operation is left out. */
  excluded?(operation: Operation): string | undefined;
  /** Whether `create` finds what the version "ground" made. @default nothing is there */
  readonly grounded?: boolean;
  /** The resource that the CLI must replace, as a pattern of URNs, if no input of it does that. */
  readonly replaces?: string;
  /** Whether the operation downloads something. */
  downloads?(operation: Operation): boolean;
  /** The program with the same bases of roots, which the host has before. @default it needs none */
  readonly bases?: string;
  /** Whether it has a machine, whose name is then `box`. */
  readonly machine: boolean;
  /** Registers its resources. `ground` is what `create` finds already there. */
  readonly define: (setting: Setting, version: Version) => unknown;
  /** Shell that puts the files of a user where they must survive; runs on the host, with the first version up. */
  readonly keep: string;
  /** Shell that prints what the outcome is judged by in addition: a line each. Lines `kept …` must not be lost. */
  readonly facts: string;
}

/** The version that an operation ends with, and that a healing `up` runs. */
export function versionAfter(operation: Operation): Version {
  if (operation === "update") return "updated";
  return operation === "replace" ? "replaced" : "first";
}

/** Short, because a fault may make an operation wait for all of it. */
export const timeouts = { create: 60, update: 60, delete: 60, read: 30 };

/** Shell that says whether a user's file is still there. */
export function kept(path: string): string {
  return `if [ -f ${path} ]; then echo "kept ${path} $(cat ${path})"; fi\n`;
}
