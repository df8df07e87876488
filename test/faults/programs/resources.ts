import * as nspawn from "pulumi-nspawn";
import { kept, type Program, type Setting, timeouts, type Version } from "./program";

const DATA = "/srv/faults/data";
const ROOT = "/var/lib/machines/box";
/** In a guest, its first process has other user IDs: a file there belongs to whoever owns the directory. */
const keepInRoot = `echo mine >${ROOT}/root/kept; chown --reference=${ROOT}/root ${ROOT}/root/kept`;
const building = { ...timeouts, create: 240, update: 240 };

function hostOf({ connection }: Setting, more: Partial<nspawn.HostArgs> = {}): nspawn.Host {
  return new nspawn.Host("server", { connection: { host: "", ...connection }, timeouts, ...more });
}

const has =
  (...wanted: readonly Version[]) =>
  (version: Version): boolean =>
    wanted.includes(version);
const isUpdated = has("updated");
const isReplaced = has("replaced");

export const host: Program = {
  name: "Host",
  machine: false,
  define: (setting, version) => {
    if (version === "ground") return;
    hostOf(setting, { install: isUpdated(version), ...(isReplaced(version) && { instance: "two" }) });
  },
  keep: "",
  facts: "",
};

function rootOf(
  server: nspawn.Host,
  { suffix }: Setting,
  version: Version,
  more: Partial<nspawn.DebianRootfsArgs> = {},
): nspawn.DebianRootfs {
  const suite = isReplaced(version) ? "bookworm" : "trixie";
  return new nspawn.DebianRootfs(`box${suffix}`, { host: server, suite, dataLoss: "allow", timeouts, ...more });
}

export const rootfs: Program = {
  name: "DebianRootfs",
  machine: false,
  bases: "DebianRootfs",
  define: (setting, version) => {
    if (version === "ground") return;
    rootOf(hostOf(setting), setting, version, {
      hostname: isUpdated(version) ? "two" : "one",
      files: [{ path: "/etc/faults", content: isUpdated(version) ? "two\n" : "one\n" }],
    });
  },
  keep: keepInRoot,
  facts: kept(`${ROOT}/root/kept`),
};

export const build: Program = {
  name: "DebianRootfs-uncached",
  machine: false,
  excluded: (operation) =>
    operation === "refresh" || operation === "destroy" ? "the same as that of a DebianRootfs" : undefined,
  downloads: () => true,
  define: (setting, version) => {
    if (version === "ground") return;
    const packages = isUpdated(version) ? ["less", "file"] : ["less"];
    rootOf(hostOf(setting), setting, version, { packages, timeouts: building });
  },
  keep: keepInRoot,
  facts: kept(`${ROOT}/root/kept`),
};

export const network: Program = {
  name: "VethNetwork",
  machine: false,
  define: (setting, version) => {
    if (version === "ground") return;
    const second = setting.suffix === "" ? 1 : 2;
    new nspawn.VethNetwork("net", {
      host: hostOf(setting),
      name: `${isReplaced(version) ? "new" : "net"}${second}`,
      subnet: `10.${isReplaced(version) ? 78 : 77}.${second}.0/24`,
      nat: true,
      dhcp: isUpdated(version),
      timeouts,
    });
  },
  keep: "",
  facts: "",
};

export const bridge: Program = {
  name: "BridgeAttachment",
  machine: false,
  define: (setting, version) => {
    if (version === "ground") return;
    const second = setting.suffix === "" ? 1 : 2;
    new nspawn.BridgeAttachment("bridge", {
      host: hostOf(setting),
      bridge: `br-${isReplaced(version) ? "new" : "box"}${second}`,
      // The two ends of one cable, which the ground has.
      create: { uplink: `cable${second}`, addresses: [`10.79.${second + (isUpdated(version) ? 4 : 0)}.1/24`] },
      timeouts,
    });
  },
  keep: "",
  facts: "",
};

export const mount: Program = {
  name: "BindMount",
  machine: false,
  define: (setting, version) => {
    if (version === "ground") return;
    new nspawn.BindMount("data", {
      host: hostOf(setting),
      source: `${isReplaced(version) ? `${DATA}-new` : DATA}${setting.suffix}`,
      target: "/data",
      create: { mode: isUpdated(version) ? "0750" : "0755" },
      timeouts,
    });
  },
  keep: `echo mine >${DATA}/kept`,
  facts: kept(`${DATA}/kept`),
};

export const machine: Program = {
  name: "NspawnMachine",
  grounded: true,
  machine: true,
  bases: "DebianRootfs",
  define: (setting, version) => {
    const { suffix } = setting;
    const server = hostOf(setting);
    const root = rootOf(server, setting, version);
    const subnet = suffix === "" ? "10.77.1.0/24" : "10.77.2.0/24";
    const veth = new nspawn.VethNetwork(`net${suffix}`, { host: server, subnet, timeouts });
    const source = `${DATA}${suffix}`;
    const data = new nspawn.BindMount("data", { host: server, source, target: "/data", create: {}, timeouts });
    if (version === "ground") return;
    const port = suffix === "" ? 8080 : 8090;
    new nspawn.NspawnMachine("box", {
      rootfs: root,
      networks: [veth.attach({ ports: [`${port}:80`] })],
      mounts: [data],
      limits: { memory: isUpdated(version) ? "300MiB" : "400MiB" },
      environment: { STAGE: isUpdated(version) ? "two" : "one" },
      timeouts,
    });
  },
  keep: `${keepInRoot}; echo mine >${DATA}/kept`,
  facts: `${kept(`${ROOT}/root/kept`)}${kept(`${DATA}/kept`)}
echo "state $(machinectl show box -p State --value 2>/dev/null)"
sed -n "s/^VERSION_CODENAME=/release /p" ${ROOT}/etc/os-release 2>/dev/null
systemctl show systemd-nspawn@box -p MemoryMax
`,
};

export const provision: Program = {
  name: "Provision",
  grounded: true,
  machine: true,
  bases: "DebianRootfs",
  replaces: "**Provision::inside",
  define: (setting, version) => {
    const server = hostOf(setting);
    const root = rootOf(server, setting, "first");
    const box = new nspawn.NspawnMachine("box", { rootfs: root, networks: ["none"], waitFor: "booted", timeouts });
    if (version === "ground") return;
    new nspawn.Provision("inside", {
      machine: box,
      users: [{ name: "alice" }],
      files: [{ path: "/etc/faults", content: isUpdated(version) ? "two\n" : "one\n" }],
      steps: [
        { name: "first", run: "sleep 0.3; echo first >>/var/lib/runs" },
        ...(isUpdated(version) ? [{ name: "second", run: "sleep 0.3; echo second >>/var/lib/runs" }] : []),
      ],
      timeouts,
    });
  },
  keep: `${keepInRoot}; echo mine >${ROOT}/home/alice/kept`,
  facts: `${kept(`${ROOT}/root/kept`)}${kept(`${ROOT}/home/alice/kept`)}
sed 's/^/ran /' ${ROOT}/var/lib/runs 2>/dev/null
find ${ROOT}/var/lib/pulumi-nspawn ${ROOT}/etc/faults -printf 'inside %P %y\\n' 2>/dev/null
`,
};

export const devBox: Program = {
  name: "DevBox",
  machine: true,
  bases: "DevBox",
  define: (setting, version) => {
    if (version === "ground") return;
    new nspawn.DevBox(`box${setting.suffix}`, {
      host: hostOf(setting),
      user: { name: "alice", shell: isUpdated(version) ? "/bin/sh" : "/bin/bash" },
      suite: isReplaced(version) ? "bookworm" : "trixie",
      dataLoss: "allow",
      hooks: { onCreate: "sleep 0.3; echo ran >>~/runs" },
      limits: { tasks: isUpdated(version) ? 3000 : 4000 },
      ports: [{ host: setting.suffix === "" ? 2200 : 2300, guest: 22 }],
    });
  },
  keep: `echo mine >/var/lib/devboxes/box/home/kept; ${keepInRoot}`,
  facts: `${kept("/var/lib/devboxes/box/home/kept")}${kept(`${ROOT}/root/kept`)}
sed 's/^/ran /' /var/lib/devboxes/box/home/runs 2>/dev/null
echo "state $(machinectl show box -p State --value 2>/dev/null)"
sed -n "s/^VERSION_CODENAME=/release /p" ${ROOT}/etc/os-release 2>/dev/null
`,
};
