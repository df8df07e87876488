import { createHash } from "node:crypto";
import type { Files } from "../../../provider/host/files";
import { inventory } from "../../../provider/host/inventory";
import { sharedFiles } from "../../../provider/host/networks/nft-table";
import type { Answer } from "../../../provider/remote";
import { Host } from "../../../provider/resources/host";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { readMachine } from "../../../provider/resources/nspawn-machine/observe-machine";
import { networkFiles } from "../../../provider/resources/veth-network/network-files";
import { networkHandler } from "../../../provider/resources/veth-network/network-handler";
import { networkInputs } from "../../../provider/resources/veth-network/network-inputs";
import { machine } from "./support/machine";

jest.mock("../../../provider/host/inventory");

const context = {
  urn: "urn:x",
  secretInputs: [],
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
};
const has = (key: string, ...values: string[]): Answer => ({ key, values });
const driftOf = (read: { readonly drift?: object } | "gone") => (read === "gone" ? read : read.drift);
const marker = JSON.stringify({ owner: "me", urn: "urn:x" });

/**
 * The answers of an inventory for files that are as they should be, except those at these paths, which somebody
 * changed.
 */
function filesAre(key: string, name: string, files: Files, changed: readonly string[] = []): Answer[] {
  return [...files].map(([path, { text }]) => {
    const found = changed.includes(path) ? `${text}# by hand\n` : text;
    return has(key, name, path, createHash("sha256").update(found).digest("hex"), found);
  });
}

describe("a machine", () => {
  const state = {
    ...machine({ limits: { tasks: 100 }, environment: { A: "1" } }),
    owner: "me",
    unit: "u",
    addresses: [],
  };
  const { restart, live } = machineFiles(state).files;
  const files = new Map([...restart, ...live]);
  const read = (changed: readonly string[]) =>
    driftOf(readMachine(state, [has("machine", "web", marker), ...filesAre("machine-file", "web", files, changed)]));

  test.each([...files.keys()])("has a change to %s as drift", (path) => {
    expect(read([path])).toEqual({ [path]: "+# by hand" });
    expect(read([])).toEqual({});
  });

  const unit = { Id: state.unit, LoadState: "loaded", NeedDaemonReload: "no", TasksMax: "100" };
  const shown = (properties: object, id = "systemd-nspawn@web.service") => [
    has("machine", "web", marker),
    ...filesAre("machine-file", "web", files),
    has("active", "web", "active"),
    has("enabled", "web", "enabled"),
    has(
      "units",
      Object.entries({ ...unit, ...properties, Id: id })
        .map((pair) => pair.join("="))
        .join("\n"),
    ),
  ];

  test("has a property that systemd does not have as its file says as drift of the input", () => {
    expect(driftOf(readMachine(state, shown({})))).toEqual({});
    expect(driftOf(readMachine(state, shown({ TasksMax: "7" })))).toEqual({ limits: "-TasksMax=100\n+TasksMax=7" });
  });

  test.each([
    [{ LoadState: "masked" }, "-LoadState=loaded\n+LoadState=masked"],
    [{ NeedDaemonReload: "yes" }, "-NeedDaemonReload=no\n+NeedDaemonReload=yes"],
    [{ FragmentPath: "/etc/systemd/system/x.service" }, "+FragmentPath=/etc/systemd/system/x.service"],
  ])("has its unit as drift if systemd has %j", (properties, lines) => {
    expect(driftOf(readMachine(state, shown(properties)))).toEqual({ unit: lines });
  });

  test("keeps the unit file that it had when it was adopted", () => {
    const adopted = {
      ...state,
      adopted: { text: "", running: true, autostart: true, given: ["limits"], taken: [], without: [] },
    };
    expect(driftOf(readMachine(adopted, shown({ FragmentPath: "/etc/x" })))).not.toHaveProperty("unit");
  });

  test("does not start at boot if machines.target does not", () => {
    const read = (target: string) => readMachine(state, [...shown({}), has("machines-target", target)]);
    expect(read("enabled")).toMatchObject({ autostart: true });
    expect(read("disabled")).toMatchObject({ autostart: false });
  });

  test("is gone if it has another owner", () => {
    expect(readMachine({ ...state, owner: "other" }, [has("machine", "web", marker)])).toBe("gone");
  });
});

describe("a network", () => {
  const state = {
    ...networkInputs.parse({ host: { connection: { host: "web1" } }, name: "dev", subnet: "10.42.1.0/24" }),
    owner: "me",
  };
  const drift = async (active: string, enabled: string, forwarding = "1") => {
    jest
      .mocked(inventory)
      .mockResolvedValue([
        has("network", "dev", marker),
        ...filesAre("network-file", "dev", networkFiles(state)),
        ...filesAre("network-file", "", sharedFiles),
        has("network-unit", active, enabled),
        has("forwarding", forwarding),
      ]);
    return driftOf(await networkHandler.read("dev", state, context));
  };

  test("has IPv6 forwarding, its name server and its bridge as drift", async () => {
    const zone = { ...state, mode: "zone" as const, subnet6: "fd42:1::/64", dns: "stub" as const };
    const read = async (forwarding: string, stubs: string, addresses: string) => {
      jest
        .mocked(inventory)
        .mockResolvedValue([
          has("network", "dev", marker),
          ...filesAre("network-file", "dev", networkFiles(zone)),
          ...filesAre("network-file", "", sharedFiles),
          has("network-unit", "active", "enabled"),
          has("forwarding", "1", forwarding),
          has("stubs", stubs),
          has("links", "4: vz-dev: <UP,LOWER_UP> mtu 1500", addresses, ""),
        ]);
      return driftOf(await networkHandler.read("dev", zone, context));
    };
    const line = (address: string) => `4: vz-dev    inet ${address} scope global`;
    const addresses = [line("10.42.1.1/24"), line("fd42:1::1/64")].join("\n");
    expect(await read("1", "127.0.0.53\n10.42.1.1", addresses)).toEqual({});
    expect(await read("0", "127.0.0.53", line("10.42.1.1/24"))).toEqual({
      "net.ipv6.conf.all.forwarding": "-1\n+0",
      dns: "-DNSStubListenerExtra=10.42.1.1",
      subnet: "-vz-dev: Address=fd42:1::1/64",
    });
  });

  test("has no drift if it is as it should be", async () => {
    expect(await drift("active", "enabled")).toEqual({});
  });

  test.each([
    ["active", "disabled"],
    ["inactive", "enabled"],
    ["failed", "disabled"],
  ])("has its unit as drift if that is %s and %s", async (active, enabled) => {
    expect(await drift(active, enabled)).toEqual({ "pulumi-nspawn-nftables.service": `${active}, ${enabled}` });
  });

  test("has forwarding as drift if the host does not forward", async () => {
    expect(await drift("active", "enabled", "0")).toEqual({ "net.ipv4.ip_forward": "0" });
  });
});

describe("a machine in a network", () => {
  const veth = {
    ...{ id: "dev@1", host: "web1:22", network: "dev", mode: "isolated", subnet: "10.42.1.0/24", subnet6: "none" },
    ...{ dhcp: false, dns: ["192.0.2.1"], apart: false, address: "10.42.1.8", ports: ["8080:80"] },
  };
  const state = { ...machine({ networks: [{ veth }] }), owner: "me", unit: "u", addresses: [] };
  const { restart, live } = machineFiles(state).files;
  const read = (...more: Answer[]) =>
    driftOf(
      readMachine(state, [
        has("machine", "web", marker),
        has("active", "web", "active"),
        ...filesAre("machine-file", "web", new Map([...restart, ...live])),
        ...more,
      ]),
    );

  test("has its link as drift if the kernel has it otherwise", () => {
    const link = "3: ve-web@if2: <UP,LOWER_UP> mtu 1500";
    const route = "10.42.1.8 dev ve-web proto static scope link";
    expect(read(has("links", link, "3: ve-web    inet 10.42.1.1/32 scope global", route, "ve-web"))).toEqual({});
    expect(read(has("links", link, "", route, "ve-web"))).toEqual({ networks: "-ve-web: Address=10.42.1.1/32" });
  });

  test("has its own ports as drift if the kernel's table lacks them", () => {
    const rule = (address: string) => `\t\tmeta nfproto ipv4 tcp dport 8080 dnat ip to ${address}:80`;
    const table = (...rules: string[]) =>
      has("network-table", "chain ports {\n}", ["chain ports {", ...rules, "}"].join("\n"));
    expect(read(table(rule("10.42.1.8")))).toEqual({ networks: `-${rule("10.42.1.8").trim()}` });
    expect(read(table(rule("10.42.1.80")))).toEqual({});
  });
});

const MACHINE_ID = "0123456789abcdef0123456789abcdef";

describe("a host that was prepared", () => {
  const drift = async (install: boolean, networkd: string, inotify: string) => {
    jest
      .mocked(inventory)
      .mockResolvedValue([has("machine-id", MACHINE_ID), has("networkd", networkd), has("inotify", inotify)]);
    const inputs = Host.handler.inputs.parse({ connection: { host: "web1" }, install });
    const outputs = {
      ...{ machineId: MACHINE_ID, systemdVersion: 257, cgroups: "unified" as const, imageFilesystem: "xfs" },
      os: { id: "debian", version: "13", codename: "trixie", name: "Debian" },
      capabilities: { networkd: true, architecture: "amd64", kernel: "6.12" },
    };
    return driftOf(await Host.handler.read("web1", { ...inputs, ...outputs }, context));
  };

  test("has networkd and the room for inotify as drift only if it is prepared by us", async () => {
    expect(await drift(true, "active", "4096")).toEqual({});
    expect(await drift(true, "inactive", "128")).toEqual({
      "systemd-networkd.service": "-active\n+inactive",
      "fs.inotify.max_user_instances": "-4096\n+128",
    });
    expect(await drift(false, "inactive", "128")).toEqual({});
  });
});

describe("a host without a package", () => {
  const state = {
    ...{ machineId: MACHINE_ID, systemdVersion: 257, cgroups: "unified" as const, imageFilesystem: "xfs" },
    os: { id: "debian", version: "13", codename: "trixie", name: "Debian" },
    capabilities: { networkd: true, architecture: "amd64", kernel: "6.12" },
  };
  const drift = async (install: boolean) => {
    jest.mocked(inventory).mockResolvedValue([has("machine-id", MACHINE_ID), has("missing-package", "nftables")]);
    const inputs = Host.handler.inputs.parse({ connection: { host: "web1" }, install });
    return driftOf(await Host.handler.read("web1", { ...inputs, ...state }, context));
  };

  test("has that as drift only if Pulumi installs packages on it", async () => {
    expect(await drift(true)).toEqual({ packages: "not installed: nftables" });
    expect(await drift(false)).toEqual({});
  });
});
