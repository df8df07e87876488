import { machineFiles } from "../../provider/resources/nspawn-machine/machine-files";
import { machineInputs } from "../../provider/resources/nspawn-machine/machine-inputs";
import { type SectionName, type Setting, type SettingValue, textsOf } from "../../provider/systemd/nspawn-settings";
import { parseSettings } from "../../provider/systemd/settings-parser";

type Sections = Partial<Record<SectionName, Readonly<Record<string, SettingValue>>>>;
type Inputs = Readonly<Record<string, unknown>> & { readonly settings?: Sections };

/** Further inputs that a sample needs. */
const beside: Readonly<Record<string, Inputs>> = {
  "Exec.OOMScoreAdjust": { privateUsers: false },
  "Exec.PivotRoot": { privateUsers: false },
  "Files.BindUserShell": { settings: { Files: { BindUser: ["ops"] } } },
  "Network.NamespacePath": { networks: ["none"], privateUsers: false },
};

/** Keys that cannot be combined with a boot: their samples are tried with a command. */
const WITHOUT_BOOT = ["AmbientCapability", "ProcessTwo", "User"];

/** What a sample changes for the machine's init: the name of the output that shows it, and what it must match. */
type Evidence = Readonly<Record<string, readonly [told: string, RegExp]>>;

/** For the samples that init can see. */
export const evidence: Evidence = {
  "Exec.CPUAffinity": ["status", /^Cpus_allowed_list:\t0$/m],
  "Exec.Capability": ["status", /^CapBnd:\t[0-9a-f]{9}[2367abef][0-9a-f]{6}$/m],
  "Exec.DropCapability": ["status", /^CapBnd:\t[0-9a-f]{10}[0-7][0-9a-f]{5}$/m],
  "Exec.Environment": ["environ", /(^|\0)A=b c\0/],
  "Exec.Hostname": ["hostname", /^box$/m],
  "Exec.LimitAS": ["limits", /^Max address space +17179869184 +17179869184 /m],
  "Exec.LimitCORE": ["limits", /^Max core file size +0 +unlimited /m],
  "Exec.LimitCPU": ["limits", /^Max cpu time +3600 +7200 /m],
  "Exec.LimitDATA": ["limits", /^Max data size +1073741824 +1073741824 /m],
  "Exec.LimitFSIZE": ["limits", /^Max file size +1073741824 +2147483648 /m],
  "Exec.LimitLOCKS": ["limits", /^Max file locks +100 +100 /m],
  "Exec.LimitMEMLOCK": ["limits", /^Max locked memory +4194304 +4194304 /m],
  "Exec.LimitMSGQUEUE": ["limits", /^Max msgqueue size +819200 +819200 /m],
  "Exec.LimitNOFILE": ["limits", /^Max open files +512 +1024 /m],
  "Exec.LimitNPROC": ["limits", /^Max processes +4096 +4096 /m],
  "Exec.LimitRSS": ["limits", /^Max resident set +unlimited +unlimited /m],
  "Exec.LimitRTTIME": ["limits", /^Max realtime timeout +200000 +200000 /m],
  "Exec.LimitSIGPENDING": ["limits", /^Max pending signals +1000 +2000 /m],
  "Exec.LimitSTACK": ["limits", /^Max stack size +8388608 +67108864 /m],
  "Exec.MachineID": ["environ", /(^|\0)container_uuid=01234567-89ab-cdef-0123-456789abcdef\0/],
  "Exec.NoNewPrivileges": ["status", /^NoNewPrivs:\t1$/m],
  "Exec.OOMScoreAdjust": ["oom", /^1000$/m],
  "Exec.Parameters": ["arguments", /\0it's\0"so"\x00100 %\0c:\\\0$/],
  "Exec.PivotRoot": ["mounts", /^\S+ \S+ \S+ \S*\/alt \/ /m],
  "Exec.WorkingDirectory": ["cwd", /^\/srv$/m],
  "Files.Bind": ["mounts", /^\S+ \S+ \S+ \S*\/srv \/mnt rw/m],
  "Files.BindReadOnly": ["mounts", /^\S+ \S+ \S+ \S*\/srv \/mnt ro/m],
  "Files.BindUser": ["homes", /^ops$/m],
  "Files.Overlay": ["mounts", / \/mnt rw.* - overlay /],
  "Files.OverlayReadOnly": ["mounts", / \/mnt ro.* - overlay /],
  "Files.ReadOnly": ["mounts", /^\S+ \S+ \S+ \S+ \/ ro/m],
  "Files.TemporaryFileSystem": ["mounts", / \/mnt .* - tmpfs .*mode=700/],
  "Files.Volatile": ["mounts", / \/var .* - tmpfs /],
  "Network.Interface": ["links", /^test0$/m],
  "Network.MACVLAN": ["links", /^mv-test0$/m],
  "Network.NamespacePath": ["links", /^inner0$/m],
  "Network.VirtualEthernet": ["links", /^host0$/m],
  "Network.VirtualEthernetExtra": ["links", /^lan0$/m],
};

/** For values that are newer than their keys. */
export const laterEvidence: Evidence = {
  "Network.Interface": ["links", /^lan0$/m],
  "Network.MACVLAN": ["links", /^lan0$/m],
};

export function nameOf({ section, key }: Setting): string {
  return `${section}.${key}`;
}

/** The `.nspawn` file that the library writes for a machine with these inputs. */
export function fileOf(inputs: Inputs): string {
  const base = { host: { connection: { host: "web1" } }, name: "box", rootName: "box", rootfs: "box@1" };
  const { restart } = machineFiles(machineInputs.parse({ ...base, ...inputs })).files;
  return restart.get("/etc/systemd/nspawn/box.nspawn")?.text ?? "";
}

/** The same with a setting: as the library writes it, or written here if the library would not. */
export function fileWith(setting: Setting, value: SettingValue): string {
  const { section, key, kind, instead } = setting;
  if (instead !== undefined) return fileWithTexts(setting, textsOf(value, kind.quote));
  const { settings = {}, ...inputs } = beside[nameOf(setting)] ?? {};
  return fileOf({ ...inputs, settings: { ...settings, [section]: { ...settings[section], [key]: value } } });
}

export function fileWithTexts(setting: Setting, texts: readonly string[]): string {
  const replaced = [setting.key, ...(WITHOUT_BOOT.includes(setting.key) ? ["Boot"] : [])];
  const sections = parseSettings(fileOf(beside[nameOf(setting)] ?? {})).flatMap(({ name, entries }) => [
    `[${name}]`,
    ...entries.filter(([key]) => !replaced.includes(key)).map(([key, value]) => `${key}=${String(value)}`),
  ]);
  return [...sections, alone(setting, texts)].join("\n");
}

/** A section with one setting. */
export function alone({ section, key }: Setting, texts: readonly string[]): string {
  const command = WITHOUT_BOOT.includes(key) ? ["Boot=no", "Parameters=/usr/bin/init"] : [];
  // This key is only read together with PrivateUsers=.
  const users = key === "PrivateUsersDelegate" ? ["PrivateUsers=pick"] : [];
  return [`[${section}]`, ...command, ...users, ...texts.map((text) => `${key}=${text}`), ""].join("\n");
}
