import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

const config = new pulumi.Config();

const host = new nspawn.Host("server", { connection: config.require("host"), install: true });

// One root, which no machine writes to: each runs from a copy that is deleted when it stops.
const rootfs = new nspawn.DebianRootfs("ci", {
  host,
  suite: "trixie",
  packages: config.getObject<string[]>("packages") ?? ["make", "gcc", "libc6-dev"],
});

const workers = Array.from({ length: config.getNumber("workers") ?? 3 }, (_, index) => {
  const name = `ci-${index + 1}`;
  return new nspawn.NspawnMachine(name, {
    name,
    rootfs,
    ephemeral: true,
    autostart: false,
    limits: { memory: "1GiB", cpus: 1, tasks: 2000 },
  });
});

export const machines = workers.map(({ name }) => name);
export const addresses = workers.map((worker) => worker.address);
