import type { z } from "zod";

/** A value as users write it. */
export type SettingValue = boolean | number | string | readonly string[];

export const SECTIONS = ["Exec", "Files", "Network"] as const;
export type SectionName = (typeof SECTIONS)[number];

/** The values that systemd accepts, with a sample, and one that systemd ignores or stops at. */
interface Grammar {
  readonly takes: string;
  readonly accepted: SettingValue;
  readonly refused: string;
  /** How one item is written in the file. @default as it is */
  readonly quote?: (item: string) => string;
}

/** A grammar of values that users write. */
export interface Kind extends Grammar {
  readonly schema: z.ZodType<SettingValue>;
}

interface Described {
  readonly section: SectionName;
  readonly key: string;
  /** What it is for: a sentence. */
  readonly does: string;
  /** The version of systemd that introduced it. */
  readonly since: number;
  /** Values that were added later than the key, in words for the reference, and one of them. */
  readonly later?: {
    readonly value: RegExp;
    readonly since: number;
    readonly what: string;
    readonly sample: SettingValue;
  };
  /** What applies to our machines without it. */
  readonly default: string;
  /** Whether systemd ignores it in a file next to the root, which it does not trust. */
  readonly privileged?: true;
}

/** A key that users write in `settings`. */
export interface TypedSetting extends Described {
  readonly kind: Kind;
  readonly instead?: undefined;
}

/** A key that the machine writes itself, or that makes no sense in it. */
interface OtherSetting extends Described {
  readonly kind: Grammar;
  /** What to use instead, or why it is not for a machine: a sentence. */
  readonly instead: string;
}

/** One key of systemd.nspawn(5). */
export type Setting = TypedSetting | OtherSetting;

type InSection<S extends Setting> = S extends Setting ? Omit<S, "section"> : never;

export function inSection(section: SectionName, settings: readonly InSection<Setting>[]): Setting[] {
  return settings.map((setting) => ({ ...setting, section }));
}

/** The texts of a value in the file, one entry each. */
export function textsOf(value: SettingValue, quote = (item: string) => item): string[] {
  if (typeof value === "boolean") return [value ? "yes" : "no"];
  return typeof value === "object" ? value.map(quote) : [quote(String(value))];
}
