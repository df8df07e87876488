import { parseExecArguments, parseUnitWords } from "./unit-words";

/** What systemd(1) has for a unit, as `systemctl show` prints it: the lines of each property. */
export type UnitProperties = ReadonlyMap<string, readonly string[]>;

/** A setting of a unit that `systemctl show` reports: where, and how both sides are written to be compared. */
interface Reported {
  readonly property: string;
  /** A value of a file, written as {@link Reported.found} writes it. */
  readonly wanted?: (value: string) => string;
  /** A line of the property as a value of a file; `undefined` if it says nothing about the setting. */
  readonly found: (line: string) => string | undefined;
  /** Whether lines that the files do not have are fine, because others may add them. */
  readonly open?: true;
  /** Whether systemd reports it only while the unit is active. */
  readonly active?: true;
}

const plain = (property: string): Reported => ({ property, found: (line) => line });
const span = (property: string): Reported => ({ property, wanted: milliseconds, found: milliseconds });

/** The settings that drop-ins of a machine's unit can have, and that something else may override. */
const REPORTED: ReadonlyMap<string, Reported> = new Map(
  Object.entries({
    MemoryMax: plain("MemoryMax"),
    MemoryHigh: plain("MemoryHigh"),
    MemorySwapMax: plain("MemorySwapMax"),
    CPUQuota: { property: "CPUQuotaPerSecUSec", found: percent },
    CPUWeight: plain("CPUWeight"),
    TasksMax: plain("TasksMax"),
    IOWeight: plain("IOWeight"),
    IOReadBandwidthMax: plain("IOReadBandwidthMax"),
    IOWriteBandwidthMax: plain("IOWriteBandwidthMax"),
    IOReadIOPSMax: plain("IOReadIOPSMax"),
    IOWriteIOPSMax: plain("IOWriteIOPSMax"),
    Restart: plain("Restart"),
    RestartSec: span("RestartUSec"),
    WatchdogSec: { ...span("WatchdogUSec"), active: true },
    TimeoutStartSec: span("TimeoutStartUSec"),
    DeviceAllow: {
      property: "DeviceAllow",
      wanted: (value) => parseUnitWords(value).join(" "),
      found: same,
      open: true,
    },
    ExecStart: {
      property: "ExecStart",
      wanted: (value) => blankless(parseExecArguments(value).join("")),
      found: command,
    },
  } satisfies Record<string, Reported>),
);

const STATE = ["Id", "LoadState", "ActiveState", "FragmentPath", "NeedDaemonReload"];

/** The properties to ask for. */
export const UNIT_PROPERTIES: readonly string[] = [...STATE, ...[...REPORTED.values()].map(({ property }) => property)];

/** A setting of which only an empty assignment, which resets it, overrides another file's; others add to it. */
export function isAdded(key: string): boolean {
  return REPORTED.get(key)?.open ?? !REPORTED.has(key);
}

/** The units in the output of `systemctl show`, by their names. */
export function parseUnits(text: string): ReadonlyMap<string, UnitProperties> {
  const units = text.split(/\n{2,}/).map((block) => {
    const properties = new Map<string, string[]>();
    for (const line of block.split("\n")) {
      const [, key, value = ""] = /^(\w+)=(.*)$/s.exec(line) ?? [];
      if (key !== undefined) properties.set(key, [...(properties.get(key) ?? []), value]);
    }
    return properties;
  });
  return new Map(units.map((unit) => [unit.get("Id")?.[0] ?? "", unit]));
}

/** The lines of one setting in a file, and what systemd has instead; `undefined` if they are the same. */
export function settingDrift(
  key: string,
  values: readonly string[],
  unit: UnitProperties,
): { readonly wanted: readonly string[]; readonly found: readonly string[] } | undefined {
  const reported = REPORTED.get(key);
  if (reported === undefined) return undefined;
  if (reported.active && unit.get("ActiveState")?.[0] !== "active") return undefined;
  const { wanted: written = same, found: read, open } = reported;
  const found = (unit.get(reported.property) ?? []).flatMap((line) => read(line) ?? []);
  const wanted = values.map(written);
  const missing = wanted.filter((value) => !found.includes(value));
  const more = open ? [] : found.filter((value) => !wanted.includes(value));
  if (missing.length === 0 && more.length === 0) return undefined;
  return { wanted: missing, found: more };
}

function same(value: string): string {
  return value;
}

const UNITS = new Map(
  Object.entries({
    ...{ us: 0.001, ms: 1, s: 1000, sec: 1000, min: 60_000, h: 3_600_000 },
    ...{ d: 86_400_000, w: 604_800_000, month: 2_629_800_000, y: 31_557_600_000 },
  }),
);

/** A time span of systemd.time(7) in milliseconds. `0` and `infinity` both mean none. */
function milliseconds(text: string): string {
  // A longer text is none.
  const parts = text.length > 100 ? [] : [...text.matchAll(/([\d.]+)\s*([a-z]+)/g)];
  if (parts.length === 0) return text === "0" ? "infinity" : text;
  const sum = parts.reduce(
    (total, [, number, unit = ""]) => total + Number(number) * (UNITS.get(unit) ?? Number.NaN),
    0,
  );
  return sum === 0 ? "infinity" : `${Math.round(sum)}ms`;
}

/** The share of a processor that is used each second. */
function percent(text: string): string {
  const [, number] = /^(\d+)ms$/.exec(milliseconds(text)) ?? [];
  return number === undefined ? text : `${Number(number) / 10}%`;
}

/** Releases differ in how they quote the arguments of a command. */
function blankless(text: string): string {
  return text.replace(/["'\\\s]/g, "");
}

function command(line: string): string | undefined {
  const from = line.indexOf("argv[]=");
  const to = line.lastIndexOf(" ; ignore_errors=");
  return from < 0 || to < from ? undefined : blankless(line.slice(from + "argv[]=".length, to));
}
