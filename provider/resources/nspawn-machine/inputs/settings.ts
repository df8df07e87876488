import type * as pulumi from "@pulumi/pulumi";
import { effect } from "../../../dynamic";
import type { Need } from "../../../host/machines/machine-plan";
import { sh } from "../../../host/sh";
import type { Script } from "../../../remote";
import { interfaceUnit } from "../../../systemd/interface";
import { type NspawnSettingsInput, nspawnSettings } from "../../../systemd/nspawn-settings/schema";
import { settingsEntries, type WrittenSetting, writtenSettings } from "../../../systemd/nspawn-settings/written";
import type { Entry } from "../../../systemd/settings-file";
import type { Rendered, Values } from "../section";
import type { NspawnSettings } from "../settings-types";
import { mapsUsers, type PrivateUsers } from "./private-users";

export { validate } from "./settings-refusals";

/** All other keys of systemd.nspawn(5), as a program gives them. */
export interface SettingsArgs {
  /** All other keys of systemd.nspawn(5): docs/reference/settings.md. @default none */
  readonly settings?: pulumi.Input<NspawnSettings>;
}

export const inputs = { settings: effect("restart", nspawnSettings.optional()) };

type Reads = Values<typeof inputs> & { readonly running: boolean; readonly privateUsers: PrivateUsers };

/** Keys that a program writes, and keys whose values are stored differently. */
export function keys({ settings = {} }: Values<typeof inputs>): string[] {
  const written = writtenSettings(settings).map(({ setting }) => setting);
  return [...written, ...settingsEntries(settings)].map(({ section, key }) => `${section}.${key}`);
}

/** All other keys of systemd.nspawn(5), as written. */
export function render({ settings, running, privateUsers }: Reads): Rendered {
  if (settings === undefined) return {};
  const written = writtenSettings(settings);
  const interfaces = hostInterfaces(written);
  return {
    nspawn: settingsEntries(settings),
    unit: interfaces.flatMap(afterInterface),
    needs: [...written.flatMap(needsOf), ...combinedNeeds(settings, privateUsers)],
    preflight: running ? interfaces.map(refuseMissingInterface) : [],
  };
}

function needsOf({ setting: { section, key, since, later }, texts }: WrittenSetting): Need[] {
  const newer = texts.filter((text) => later?.value.test(text));
  const what = `settings.${section}.${key}`;
  return [
    ...(texts.length > 0 ? [{ what, systemd: since }] : []),
    ...newer.map((text) => ({ what: `${what} ${JSON.stringify(text)}`, systemd: later?.since ?? since })),
  ];
}

/** Combinations that older versions refuse or fail to start, although they know each key. */
function combinedNeeds({ Files = {} }: NspawnSettingsInput, privateUsers: PrivateUsers): Need[] {
  const needs: Need[] = [];
  if (Files.BindUser !== undefined && privateUsers === false) {
    needs.push({ what: "settings.Files.BindUser without `privateUsers`", systemd: 259 });
  }
  // systemd issue 34254: the root cannot be mapped to the machine's own user IDs.
  if ((Files.Volatile === true || Files.Volatile === "state") && mapsUsers(privateUsers)) {
    needs.push({ what: "settings.Files.Volatile with `privateUsers`", systemd: 257 });
  }
  return needs;
}

const WITH_INTERFACES = ["Interface", "MACVLAN", "IPVLAN"];

function hostInterfaces(written: readonly WrittenSetting[]): string[] {
  const pairs = written.filter(({ setting }) => WITH_INTERFACES.includes(setting.key)).flatMap(({ texts }) => texts);
  return [...new Set(pairs.map((pair) => pair.replace(/:.*/, "")))];
}

/** At boot, an interface may appear later than the machine (systemd-nspawn(1), `--network-interface`). */
function afterInterface(name: string): Entry[] {
  return ["Wants", "After"].map((key) => ({ section: "Unit", key, value: interfaceUnit(name) }));
}

/** While the machine runs, an interface of the host may be inside it. */
function refuseMissingInterface(name: string): Script {
  return sh`machine_active || ip link show dev ${name} >/dev/null 2>&1 || refuse missing-interface ${name}`;
}
