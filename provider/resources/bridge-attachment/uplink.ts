import type { z } from "zod";
import { markerSchema } from "../../host/ownership";
import { type Answer, first, type HostErrorParts } from "../../remote";
import { type BridgeCreate, type Origin, originSchema } from "./bridge-inputs";
import { impossibleSettings, usesDhcp4 } from "./migrated-sections";

/** Why an uplink cannot join a bridge, and what to do. */
export type Blocker = Pick<HostErrorParts, "happened" | "advice" | "details">;

const bridgeMarkerSchema = markerSchema.extend({ origin: originSchema });
export type BridgeMarker = z.infer<typeof bridgeMarkerSchema>;

/** The marker in a file's text, or `undefined` if it is not one. */
export function parseMarker(text: string | undefined): BridgeMarker | undefined {
  try {
    return bridgeMarkerSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}

/** The state of an uplink, parsed from the host's answers. No other code turns answers into an {@link Origin}. */
export function originOf(uplink: string, answers: readonly Answer[]): Origin {
  const iaid = Number.parseInt(first(answers, "client-id") ?? "", 16);
  const files = answers.filter(({ key }) => key === "network-file");
  return {
    uplink,
    mac: first(answers, "mac") ?? "",
    files: files.map(({ values: [path = "", text = ""] }) => ({ path, text })),
    ...(Number.isInteger(iaid) && { iaid }),
  };
}

/** What prevents a bridge over an uplink; `undefined` if nothing does. */
export function findBlocker(
  bridge: string,
  create: BridgeCreate,
  origin: Origin,
  answers: readonly Answer[],
): Blocker | undefined {
  const { uplink } = create;
  return (
    wrongKind(bridge, uplink, answers) ??
    otherManager(bridge, uplink, origin, answers) ??
    settingsInTheWay(uplink, origin, answers) ??
    gatewayByDhcp(create, origin, answers)
  );
}

function wrongKind(bridge: string, uplink: string, answers: readonly Answer[]): Blocker | undefined {
  const has = (key: string) => answers.some((answer) => answer.key === key);
  if (!has("mac")) {
    return {
      happened: `there is no interface "${uplink}"`,
      advice: "List their names with `ip -brief link` on the host.",
    };
  }
  const master = first(answers, "master");
  if (master === bridge) {
    return {
      happened: `"${uplink}" is in a bridge "${bridge}" already that pulumi-nspawn did not make`,
      advice: "Leave `create` out to use it as it is.",
    };
  }
  if (master) {
    return {
      happened: `"${uplink}" is part of "${master}" already`,
      advice: `Use \`bridge: "${master}"\` without \`create\` if that is a bridge, else \`uplink: "${master}"\`.`,
    };
  }
  if (has("is-bridge")) {
    return {
      happened: `"${uplink}" is itself a bridge`,
      advice: `Use \`bridge: "${uplink}"\` without \`create\`.`,
    };
  }
  if (has("wireless") || first(answers, "type") !== "1") {
    return {
      happened: `"${uplink}" is not an Ethernet interface that could be in a bridge`,
      advice:
        "An access point accepts only frames from its own stations (IEEE 802.11). Use a wired uplink, or a VethNetwork.",
    };
  }
  return undefined;
}

/** Only networkd is configured here, because only its files can be set aside and restored as a whole. */
function otherManager(
  bridge: string,
  uplink: string,
  { mac, files }: Origin,
  answers: readonly Answer[],
): Blocker | undefined {
  const stanzas = first(answers, "ifupdown");
  if (stanzas !== undefined) {
    return {
      happened: `"${uplink}" is set up by ifupdown, and what that does cannot be rolled back safely`,
      advice:
        "Configure the bridge in /etc/network/interfaces, with access to the host's console, and leave `create` out. Run " +
        `\`apt-get install bridge-utils\`, replace the lines about ${uplink} with these, and reboot:`,
      details: [
        `iface ${uplink} inet manual`,
        `auto ${bridge}`,
        ...stanzas.split("\n").flatMap((line) => bridgeStanza(line, bridge, uplink)),
      ].join("\n"),
    };
  }
  const connection = first(answers, "network-manager");
  if (connection !== undefined) {
    return {
      happened: `"${uplink}" is set up by NetworkManager (connection "${connection}"), and what that does cannot be rolled back safely`,
      advice: "Create the bridge in NetworkManager, with access to the host's console, and leave `create` out:",
      details: [
        `nmcli connection clone '${connection}' '${connection} before ${bridge}'`,
        `nmcli connection add type bridge con-name ${bridge} ifname ${bridge} bridge.stp no bridge.mac-address ${mac} \\`,
        "  ipv4.method … ipv4.addresses … ipv4.gateway … ipv4.dns …   # as `nmcli connection show` has them for it",
        `nmcli connection add type ethernet con-name ${bridge}-${uplink} ifname ${uplink} master ${bridge}`,
        `nmcli connection modify '${connection}' connection.autoconnect no`,
        `nmcli connection up ${bridge}-${uplink}`,
      ].join("\n"),
    };
  }
  if (files.length > 0) return undefined;
  return {
    happened: `systemd-networkd does not manage "${uplink}" (${networkdState(answers)})`,
    advice: `Let networkd manage it, so that it can be moved and restored: write /etc/systemd/network/10-${uplink}.network, and run \`networkctl reload\`:`,
    details: [
      "[Match]",
      `Name=${uplink}`,
      "[Network]",
      ...answers.filter(({ key }) => key === "address").map(({ values }) => `Address=${values[0] ?? ""}`),
      ...(first(answers, "gateway") ? [`Gateway=${first(answers, "gateway")}`] : []),
    ].join("\n"),
  };
}

function bridgeStanza(line: string, bridge: string, uplink: string): string[] {
  const header = /^\s*iface\s+\S+\s+(inet6?)\s+(.*)$/.exec(line);
  if (header === null) return [line];
  const [, family, method] = header;
  const ports = family === "inet" ? [`    bridge_ports ${uplink}`, "    bridge_stp off", "    bridge_fd 0"] : [];
  return [`iface ${bridge} ${family} ${method}`, ...ports];
}

function networkdState(answers: readonly Answer[]): string {
  const status = first(answers, "networkd") ?? "";
  const state = /"AdministrativeState":"([a-z-]+)"/.exec(status)?.[1];
  return state === undefined ? "networkctl does not list it, or systemd is older than 250" : `it is ${state}`;
}

function settingsInTheWay(uplink: string, origin: Origin, answers: readonly Answer[]): Blocker | undefined {
  const settings = impossibleSettings(origin);
  const uppers = answers.filter(({ key, values }) => key === "upper" && values[1] !== "vlan").map((a) => a.values[0]);
  if (settings.length === 0 && uppers.length === 0) return undefined;
  return {
    happened: `"${uplink}" carries other interfaces, and the kernel does not allow such an interface in a bridge: ${[...settings, ...uppers].join(", ")}`,
    advice: "Put these machines or interfaces on the bridge itself, or use another uplink.",
  };
}

/** With static addresses and no gateway, the host would have no default route. */
function gatewayByDhcp(create: BridgeCreate, origin: Origin, answers: readonly Answer[]): Blocker | undefined {
  const gateway = first(answers, "gateway");
  if (create.addresses === "keep" || create.gateway !== undefined || !gateway || !usesDhcp4(origin)) return undefined;
  return {
    happened: `the gateway of "${create.uplink}" came from DHCP, and with static addresses the host would have none`,
    advice: `Set \`gateway: "${gateway}"\` in \`create\`.`,
  };
}
