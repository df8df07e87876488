import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

/** A number of machines on one host. `whole` gives each a directory of the host, and all of them a private network. */
const config = new pulumi.Config();
const count = config.requireNumber("count");
const whole = config.requireBoolean("whole");

const host = new nspawn.Host("host", { connection: config.requireObject<nspawn.Connection>("connection") });
const network = whole ? new nspawn.VethNetwork("network", { host, subnet: "10.99.0.0/16" }) : undefined;

for (let index = 0; index < count; index += 1) {
  const name = `web${index}`;
  const rootfs = new nspawn.DebianRootfs(name, { host, suite: "bookworm" });
  const source = `/srv/bench/${name}`;
  const mounts = whole ? [new nspawn.BindMount(`${name}-data`, { host, source, target: "/data", create: {} })] : [];
  new nspawn.NspawnMachine(name, {
    rootfs,
    mounts,
    networks: [network ?? "host"],
    waitFor: whole ? "networked" : "booted",
  });
}
