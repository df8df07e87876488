import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

const config = new pulumi.Config();

const host = new nspawn.Host("server", { connection: config.require("host"), install: true });

const rootfs = new nspawn.DebianRootfs("mydebian", { host, suite: config.get("suite") ?? "bookworm" });

const machine = new nspawn.NspawnMachine("mydebian", {
  rootfs,
  hostname: config.get("hostname") ?? "mydebian",
  limits: { memory: config.get("memory") ?? "1GiB" },
});

export const address = machine.address;
export const state = machine.state;
