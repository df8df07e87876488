import { existsSync, readFileSync } from "node:fs";
import { armChange } from "../../../../provider/host/networks/change/arm";
import type { NetworkChange } from "../../../../provider/host/networks/change/network-change";
import { sh } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "", "systemd-run": "", networkctl: "", ip: "", sync: "" });
});
afterEach(() => host.remove());

const netdev = "/etc/systemd/network/70-br0.netdev";
const network = "/etc/systemd/network/70-br0.network";
const change: NetworkChange = {
  token: "token1",
  bridge: "br0",
  uplink: "eth-none",
  links: ["eth-none"],
  netdev,
  network,
  files: {
    restart: new Map(),
    live: new Map([
      [netdev, { text: "[NetDev]\nName=br0\n", mode: "0644" }],
      [network, { text: "[Match]\nName=br0\n", mode: "0644" }],
    ]),
  },
  manifest: "/var/lib/pulumi-nspawn/bridges/br0.files",
  marker: { path: "/var/lib/pulumi-nspawn/bridges/br0.json", text: "{}" },
  gatewayHasToAnswer: false,
  before: sh`:`,
};

const arm = (more: Partial<NetworkChange> = {}) => host.run(armChange({ ...change, ...more }));
const pending = (name: string) => readFileSync(host.at(`var/lib/pulumi-nspawn/network-change/${name}`), "utf8");

test("a change is applied once a timer and the next boot would roll it back", () => {
  expect(arm()).toEqual([{ key: "armed", values: [] }]);
  const calls = host
    .calls()
    .filter((call) => !/^(?:sync|networkctl|ip) /.test(`${call} `) && !call.includes("reset-failed"));
  expect(calls).toEqual([
    "systemctl -q enable pulumi-nspawn-network-rollback.service",
    "systemctl daemon-reload",
    expect.stringMatching(/^systemd-run .*--on-active=\d+ .*--unit=pulumi-nspawn-network-rollback\.service$/),
    expect.stringMatching(/^systemd-run .*--unit=pulumi-nspawn-network-apply\.service sh .*\/network-change\/apply$/),
  ]);
  expect(readFileSync(host.at(netdev), "utf8")).toContain("Name=br0");
  expect(readFileSync(host.at("etc/systemd/system/pulumi-nspawn-network-rollback.service"), "utf8")).toContain(
    "Before=network-pre.target",
  );
});

test("the former files are kept until the change is confirmed", () => {
  host.write(netdev, "[NetDev]\nName=old\n");
  arm();
  const [number] = pending("paths")
    .split("\n")
    .flatMap((line) => (line.endsWith(netdev) ? [line.split(" ")[0]] : []));
  expect(pending(`backup/${number}`)).toContain("Name=old");
  expect(existsSync(host.at("var/lib/pulumi-nspawn/network-change/rollback"))).toBe(true);
});

test("the same change is armed once, and one that was rolled back is not applied again", () => {
  arm();
  host.calls();
  expect(arm()).toEqual([{ key: "armed", values: [] }]);
  expect(host.calls()).toEqual([]);
  host.write("run/pulumi-nspawn/rolled-back/token2", "time");
  host.write("var/lib/pulumi-nspawn/network-change/token", "");
  expect(host.run(sh`rm -r /var/lib/pulumi-nspawn/network-change`)).toEqual([]);
  expect(arm({ token: "token2" })).toEqual([{ key: "refused", values: ["rolled-back"] }]);
});
