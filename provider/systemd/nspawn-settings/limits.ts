import { z } from "zod";
import { isNot } from "./kinds";
import type { Kind } from "./setting";

const INFINITY = 2n ** 64n - 1n;

/** Reads one half of a limit; `undefined` if it is not one (systemd's rlimit-util.c). */
interface Amount {
  readonly read: (text: string) => bigint | undefined;
  readonly takes: string;
}

function withUnits(takes: string, units: Readonly<Record<string, bigint>>): Amount {
  const read = (text: string) => {
    if (text === "infinity") return INFINITY;
    const [, digits, unit = ""] = /^(\d{1,20})([A-Za-z]*)$/.exec(text) ?? [];
    const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
    const amount = digits === undefined || factor === undefined ? undefined : BigInt(digits) * factor;
    return amount === undefined || amount >= INFINITY ? undefined : amount;
  };
  return { read, takes: `${takes}, or "infinity"` };
}

const count = withUnits("a number", { "": 1n });

const bytes = withUnits(
  "bytes, or a number with K, M, G, T, P or E",
  Object.fromEntries(["", "K", "M", "G", "T", "P", "E"].map((unit, power) => [unit, 1024n ** BigInt(power)])),
);

const SECOND = 1_000_000n;
const times = { us: 1n, ms: 1000n, s: SECOND, min: 60n * SECOND, h: 3600n * SECOND, d: 86_400n * SECOND };
const seconds = withUnits("seconds, or a number with us, ms, s, min, h or d", { "": SECOND, ...times });
const microseconds = withUnits("microseconds, or a number with us, ms, s, min, h or d", { "": 1n, ...times });

/** The limit is 20 minus the nice level. */
const niceness: Amount = {
  read: (text) => {
    const [, sign, digits] = /^([+-]?)(\d{1,2})$/.exec(text) ?? [];
    if (digits === undefined) return undefined;
    const limit = sign === "" ? Number(digits) : 20 - Number(text);
    return limit >= (sign === "" ? 0 : 1) && limit <= 40 ? BigInt(limit) : undefined;
  },
  takes: "0 to 40, or a nice level as +5 or -5",
};

function limit({ read, takes }: Amount, accepted: string, refused: string): Kind {
  const valid = (value: string | number) => {
    const halves = String(value).split(":").map(read);
    const [soft, hard = soft] = halves;
    if (halves.length > 2 || halves.includes(undefined)) return false;
    return soft !== undefined && hard !== undefined && soft <= hard;
  };
  const what = `${takes}; or two as SOFT:HARD, with SOFT not above HARD`;
  const schema = z.union([z.number(), z.string()], isNot(what)).refine(valid, isNot(what));
  return { schema, takes: what, accepted, refused };
}

/** The limits of setrlimit(2). */
export const LIMITS: readonly (readonly [name: string, kind: Kind, does: string])[] = [
  ["CPU", limit(seconds, "1h:2h", "2h:1h"), "Processor time of a process."],
  ["FSIZE", limit(bytes, "1G:2G", "1GiB"), "Size of a file that a process writes."],
  ["DATA", limit(bytes, "1G", "1:2:3"), "Data segment of a process."],
  ["STACK", limit(bytes, "8M:64M", "-1"), "Stack of a process."],
  ["CORE", limit(bytes, "0:infinity", "none"), "Size of a core file."],
  ["RSS", limit(bytes, "infinity", "unlimited"), "Resident memory of a process; Linux ignores it."],
  ["NOFILE", limit(count, "512:1024", "1024:512"), "Open files of a process."],
  ["AS", limit(bytes, "16G", "16G:"), "Address space of a process."],
  ["NPROC", limit(count, "4096", "4k"), "Processes of a user."],
  ["MEMLOCK", limit(bytes, "4M", "4 megabytes"), "Locked memory of a process."],
  ["LOCKS", limit(count, "100", "many"), "File locks of a process; Linux ignores it."],
  ["SIGPENDING", limit(count, "1000:2000", "1000-2000"), "Queued signals of a user."],
  ["MSGQUEUE", limit(bytes, "819200", "0x"), "POSIX message queues of a user."],
  [
    "NICE",
    limit(niceness, "+5", "41"),
    "How far the nice level of a process may go down: the limit is 20 minus the level.",
  ],
  ["RTPRIO", limit(count, "0:50", "high"), "Real-time priority of a process."],
  [
    "RTTIME",
    limit(microseconds, "200ms", "200parsecs"),
    "Processor time of a real-time process between two blocking calls.",
  ],
];
