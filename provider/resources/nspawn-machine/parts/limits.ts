import type { Entry } from "../../../systemd/settings-file";
import { bytesOf } from "../../../systemd/size";
import { dropInPath, renderDropIn } from "../../../systemd/unit-file";
import type { Part } from "../contribution";
import type { MachineLimits } from "../inputs";

/** A drop-in of its own: systemd re-realises the cgroup of a running unit at daemon-reload, so a change is live. */
export const limitsPart: Part = {
  inputs: ["limits"],
  owns: () => [],
  of: ({ name, limits = {} }) => {
    const entries = limitEntries(limits);
    return entries.length === 0
      ? {}
      : { live: new Map([[dropInPath(name, "limits"), { text: renderDropIn(entries) }]]) };
  },
};

function limitEntries(limits: MachineLimits): Entry[] {
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
