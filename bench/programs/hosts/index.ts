import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

/** A directory on each host: work that waits for the host rather than for its processor. */
const config = new pulumi.Config();

for (const name of config.requireObject<string[]>("hosts")) {
  const host = new nspawn.Host(name, { connection: { host: name } });
  new nspawn.BindMount(name, { host, source: `/srv/bench/${name}`, target: "/data", create: {} });
}
