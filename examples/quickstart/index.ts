import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

const config = new pulumi.Config();
const suite = config.get("suite") ?? "trixie";

// The server. Missing Debian packages are installed.
const host = new nspawn.Host("server", { connection: config.require("host"), install: true });

// Instead of debootstrap: a Debian in /var/lib/machines/mydebian.
const rootfs = new nspawn.DebianRootfs("mydebian", { host, suite });

// Instead of --network-veth and a NAT rule: a separate link for each machine, with a stable address.
const network = new nspawn.VethNetwork("quickstart", { host, subnet: config.get("subnet") ?? "10.42.77.0/24" });

// Instead of --bind and --bind-ro: directories created where only the server's root can enter.
const projects = new nspawn.BindMount("projects", {
  host,
  source: "/srv/mydebian/projects",
  target: "/projects",
  create: {},
});
const manuals = new nspawn.BindMount("manuals", {
  host,
  source: "/srv/mydebian/manuals",
  target: "/manuals",
  readOnly: true,
  create: {},
});

// Instead of a .nspawn file, machinectl start and machinectl enable.
const machine = new nspawn.NspawnMachine("mydebian", {
  rootfs,
  networks: [network],
  mounts: [projects, manuals],
  hostname: config.get("hostname") ?? "mydebian",
  limits: { memory: config.get("memory") ?? "1GiB" },
});

// Instead of --ephemeral: a scratch machine, which loses everything when it stops, and does not start with the server.
const scratch = new nspawn.NspawnMachine("scratch", {
  rootfs: new nspawn.DebianRootfs("scratch", { host, suite }),
  networks: [network],
  ephemeral: true,
  autostart: false,
});

export const address = machine.address;
export const state = machine.state;
export const scratchAddress = scratch.address;
