import { z } from "zod";
import { documented } from "../../../documented";
import { effect, isRecord } from "../../../dynamic";
import { sh } from "../../../host/sh";
import type { Script } from "../../../remote";
import type { Entry } from "../../../systemd/settings-file";
import { bytesOf, sizeSchema } from "../../../systemd/size";
import { dropInPath, renderDropIn } from "../../../systemd/unit-file";
import type { Rendered, Values } from "../section";

const weight = z.int().min(1).max(10_000);
const device = z
  .string()
  .regex(/^\/dev\/[A-Za-z0-9._/-]+$/, 'is not a device: write an absolute path as in "/dev/sda"');

const io = documented({
  /** `IOWeight=`, 1 to 10000. @default systemd's, 100 */
  weight: weight.optional(),
  /** `IOReadBandwidthMax=`: bytes per second, by device. @default no limit */
  readBytesPerSecond: z.record(device, sizeSchema).optional(),
  /** `IOWriteBandwidthMax=`: bytes per second, by device. @default no limit */
  writeBytesPerSecond: z.record(device, sizeSchema).optional(),
  /** `IOReadIOPSMax=`: operations per second, by device. @default no limit */
  readOperationsPerSecond: z.record(device, z.int().min(1)).optional(),
  /** `IOWriteIOPSMax=`: operations per second, by device. @default no limit */
  writeOperationsPerSecond: z.record(device, z.int().min(1)).optional(),
});

/** Limits of block devices. */
export type IoLimits = z.input<typeof io>;

const schema = documented({
  /** `MemoryMax=`: bytes, or a number with a unit as in `"2GiB"`. @default no limit */
  memory: sizeSchema.optional(),
  /** `MemoryHigh=`: above this, the machine is throttled. @default no limit */
  memoryHigh: sizeSchema.optional(),
  /** `MemorySwapMax=`: `"none"` for no swap at all. @default no limit */
  swap: z.union([z.literal("none"), sizeSchema]).optional(),
  /** `CPUQuota=` in processors: 1.5 means 150 %. @default no limit */
  cpus: z.number().min(0.01).max(4096).optional(),
  /** `CPUWeight=`, 1 to 10000. @default systemd's, 100 */
  cpuWeight: weight.optional(),
  /** `TasksMax=`: processes and threads. @default the unit's, 16384 */
  tasks: z.int().min(1).optional(),
  /** Limits of block devices, by device as in `"/dev/sda"`. */
  io: io.optional(),
});

/** Resource limits: each is a property of systemd.resource-control(5), applied while the machine runs. */
export type Limits = z.input<typeof schema>;

export const inputs = {
  /** Resource limits, applied while it runs. @default none */
  limits: effect("live", schema.optional()),
};

/** Bytes with which no Debian boots: its systemd alone needs more. */
const LEAST_MEMORY = 16 * 1024 * 1024;

/** A size that was meant in another unit, such as `2` for `"2GiB"`. */
export function warn({ limits }: Readonly<Record<string, unknown>>): string[] {
  if (!isRecord(limits)) return [];
  return ["memory", "memoryHigh"].flatMap((key) => {
    const size = sizeSchema.safeParse(limits[key]).data;
    const given = size === undefined ? undefined : bytesOf(size);
    if (given === undefined || given >= LEAST_MEMORY) return [];
    return [
      `limits.${key} is ${given} bytes, and no machine boots with less than 16 MiB. A number without a unit is bytes: write one as in "2GiB".`,
    ];
  });
}

/**
 * A separate drop-in: systemd re-realises the cgroup of a running unit at daemon-reload, so a change takes effect live.
 */
export function render({ name, limits = {} }: Values<typeof inputs> & { name: string }): Rendered {
  const entries = limitEntries(limits);
  if (entries.length === 0) return {};
  return {
    live: new Map([[dropInPath(name, "limits"), { text: renderDropIn(entries) }]]),
    preflight: limits.cpus === undefined || limits.cpus <= 1 ? [] : [compareProcessors(limits.cpus)],
  };
}

function compareProcessors(cpus: number): Script {
  const least = Math.ceil(cpus);
  const begun = `limits.cpus is ${cpus}, and the host has `;
  return sh`limits_cpus=$(nproc); [ "$limits_cpus" -ge ${least} ] || answer warning ${begun}"$limits_cpus"": the machine gets no more than that"`;
}

function limitEntries(limits: z.infer<typeof schema>): Entry[] {
  const values: [string, string | number | undefined][] = [
    ["MemoryMax", bytes(limits.memory)],
    ["MemoryHigh", bytes(limits.memoryHigh)],
    ["MemorySwapMax", limits.swap === "none" ? 0 : bytes(limits.swap)],
    ["CPUQuota", limits.cpus === undefined ? undefined : `${Math.round(limits.cpus * 100)}%`],
    ["CPUWeight", limits.cpuWeight],
    ["TasksMax", limits.tasks],
    ["IOWeight", limits.io?.weight],
    ...perDevice("IOReadBandwidthMax", limits.io?.readBytesPerSecond, bytes),
    ...perDevice("IOWriteBandwidthMax", limits.io?.writeBytesPerSecond, bytes),
    ...perDevice("IOReadIOPSMax", limits.io?.readOperationsPerSecond, String),
    ...perDevice("IOWriteIOPSMax", limits.io?.writeOperationsPerSecond, String),
  ];
  return values.flatMap(([key, value]) =>
    value === undefined ? [] : [{ section: "Service", key, value: String(value) }],
  );
}

function perDevice<V>(
  key: string,
  values: Record<string, V> | undefined,
  text: (value: V) => string | number | undefined,
): [string, string][] {
  return Object.entries(values ?? {}).map(([device, value]) => [key, `${device} ${text(value)}`]);
}

function bytes(size: string | undefined): number | undefined {
  return size === undefined ? undefined : bytesOf(size);
}
