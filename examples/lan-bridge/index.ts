import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

const config = new pulumi.Config();

const host = new nspawn.Host("server", { connection: config.require("host"), install: true });

// The server's addresses move from the uplink to the bridge. If that would cut it off, it rolls back by itself within
// 20 seconds.
const lan = new nspawn.BridgeAttachment("lan", {
  host,
  bridge: "br0",
  create: { uplink: config.get("uplink") ?? "eth0" },
});

const rootfs = new nspawn.DebianRootfs("printer", { host, suite: "trixie" });

// Without an address, it uses the LAN's DHCP server.
const address = config.get("address");
const machine = new nspawn.NspawnMachine("printer", {
  rootfs,
  networks: [address === undefined ? lan : lan.attach({ address })],
});

export const addresses = machine.addresses;
