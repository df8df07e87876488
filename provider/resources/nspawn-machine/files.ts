import { nspawnFilePath, quoteNspawnWord, renderNspawnFile } from "../../systemd/nspawn-file";
import { type Entry, RESET } from "../../systemd/settings-file";
import { bytesOf } from "../../systemd/size";
import { dropInPath, renderDropIn } from "../../systemd/unit-file";
import type { MachineInputs, MachineLimits } from "./inputs";

/** The text of each file that a machine owns on its host, `undefined` where there must be none. */
export interface MachineFiles {
  /** A change of these takes effect at the next start. */
  readonly restart: ReadonlyMap<string, string | undefined>;
  /** A change of these takes effect at `systemctl daemon-reload` (systemd re-realises the cgroup). */
  readonly live: ReadonlyMap<string, string | undefined>;
}

/** What a machine's files say: a pure function of its inputs. */
export function machineFiles(inputs: MachineInputs): MachineFiles {
  const { name } = inputs;
  const service = serviceEntries(inputs);
  const limits = limitEntries(inputs.limits ?? {});
  return {
    restart: new Map([
      [nspawnFilePath(name), renderNspawnFile(nspawnEntries(inputs))],
      [dropInPath(name, "service"), service.length > 0 ? renderDropIn(service) : undefined],
    ]),
    live: new Map([[dropInPath(name, "limits"), limits.length > 0 ? renderDropIn(limits) : undefined]]),
  };
}

function nspawnEntries(inputs: MachineInputs): Entry[] {
  const exec = (key: string, value: string): Entry => ({ section: "Exec", key, value });
  return [
    exec("Boot", "yes"),
    exec("Hostname", inputs.hostname ?? inputs.name),
    ...(inputs.ephemeral ? [exec("Ephemeral", "yes")] : []),
    ...Object.entries(inputs.environment ?? {}).map(([key, value]) =>
      exec("Environment", quoteNspawnWord(`${key}=${value}`)),
    ),
    // Else nspawn puts the host's time zone over that of the root at each start.
    exec("Timezone", "off"),
    exec("PrivateUsers", inputs.privateUsers ? "pick" : "no"),
    // "pick" alone means a recursive chown of the tree before systemd 262; without "PrivateUsers=" the key itself turns
    // user namespacing off.
    ...(inputs.privateUsers ? [{ section: "Files", key: "PrivateUsersOwnership", value: "auto" }] : []),
    ...networkEntries(inputs.networks?.[0]),
  ];
}

/** Always written whole: one network key in the file discards all that the unit's command line says of the network. */
function networkEntries(network: "host" | "none" | undefined): Entry[] {
  const entry = (key: string, value: string): Entry => ({ section: "Network", key, value });
  if (network === "host") return [entry("Private", "no"), entry("VirtualEthernet", "no")];
  if (network === "none") return [entry("Private", "yes"), entry("VirtualEthernet", "no")];
  return [entry("VirtualEthernet", "yes")];
}

/** An ephemeral machine may have a name of its own, and then needs to be told where its root is. */
function serviceEntries(inputs: MachineInputs): Entry[] {
  const service = (key: string, value: Entry["value"]): Entry => ({ section: "Service", key, value });
  // Where the file system has no snapshots, the copy of the root is made while the unit starts.
  const start = service("TimeoutStartSec", "10min");
  if (inputs.name === inputs.rootName) return inputs.ephemeral ? [start] : [];
  const command = [
    "systemd-nspawn --quiet --keep-unit --boot --link-journal=try-guest --network-veth -U --settings=override",
    `--machine=%i --ephemeral --directory=/var/lib/machines/${inputs.rootName}`,
  ];
  return [start, service("ExecStart", RESET), service("ExecStart", command.join(" "))];
}

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
