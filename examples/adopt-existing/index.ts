import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

const config = new pulumi.Config();
const name = config.get("machine") ?? "mydebian";
const suite = config.get("suite") ?? "trixie";

const host = new nspawn.Host("server", { connection: config.require("host"), install: true });

// Everything stays as it is: the tree, the .nspawn file, a running machine. The preview shows what would change.
const rootfs = new nspawn.DebianRootfs(name, { host, suite, adopt: true });

const machine = new nspawn.NspawnMachine(name, { rootfs, adopt: true });

export const state = machine.state;
