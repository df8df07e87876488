import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";
import { Servers } from "./cloud";

const config = new pulumi.Config();
const servers = new Servers("server", { pool: config.require("pool"), count: config.requireNumber("servers") });

// Nothing is known about a server before it exists: its address, its key and its ID are Outputs.
const machines = servers.all.map(({ id, address, user, hostKey, privateKeyPath }, index) => {
  const host = new nspawn.Host(`host-${index + 1}`, {
    connection: { host: address, user, hostKey, privateKeyPath },
    instance: id,
    install: true,
  });
  const rootfs = new nspawn.DebianRootfs(`web-${index + 1}`, { host, name: "web", suite: "trixie" });
  const network = new nspawn.VethNetwork(`web-${index + 1}`, { host, name: "web", subnet: "10.42.78.0/24" });
  const machine = new nspawn.NspawnMachine(`web-${index + 1}`, {
    rootfs,
    networks: [network.attach({ ports: ["8080:80"] })],
    limits: { memory: "1GiB" },
  });
  return { address, machine };
});

export const states = machines.map(({ machine }) => machine.state);
export const urls = machines.map(({ address }) => pulumi.interpolate`http://${address}:8080/`);
