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

const context = { urn: "urn:x", progress: () => undefined, warn: () => undefined };
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

describe("a host without a package", () => {
  const state = {
    ...{ machineId: "m", systemdVersion: 257, cgroups: "unified" as const, imageFilesystem: "xfs" },
    os: { id: "debian", version: "13", codename: "trixie", name: "Debian" },
    capabilities: { networkd: true, architecture: "amd64", kernel: "6.12" },
  };
  const drift = async (install: boolean) => {
    jest.mocked(inventory).mockResolvedValue([has("machine-id", "m"), has("missing-package", "nftables")]);
    const inputs = Host.handler.inputs.parse({ connection: { host: "web1" }, install });
    return driftOf(await Host.handler.read("web1", { ...inputs, ...state }, context));
  };

  test("has that as drift only if Pulumi installs packages on it", async () => {
    expect(await drift(true)).toEqual({ packages: "not installed: nftables" });
    expect(await drift(false)).toEqual({});
  });
});
