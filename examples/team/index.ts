import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

/** Who has a box, and on which server. */
interface Person {
  readonly server: string;
  readonly authorizedKeys: string[];
  readonly packages?: string[];
}

const config = new pulumi.Config();
const servers = config.requireObject<Record<string, string | nspawn.Connection>>("servers");
const people = config.requireObject<Record<string, Person>>("people");

// A server that is down does not affect the others: a refresh keeps its last known state.
const hosts = new Map(
  Object.entries(servers).map(([name, connection]) => [
    name,
    new nspawn.Host(name, { connection, install: true, onUnreachable: "skip" }),
  ]),
);

// The boxes on a server share a network that no other server sees, so all servers may use the same addresses.
const networks = new Map(
  [...hosts].map(([name, host]) => [
    name,
    new nspawn.VethNetwork(`${name}-boxes`, { host, name: "boxes", subnet: "10.64.0.0/24" }),
  ]),
);

function ofServer<T>(map: ReadonlyMap<string, T>, person: string, server: string): T {
  const found = map.get(server);
  if (found === undefined) throw new Error(`${person} is on ${server}, which is not among the servers`);
  return found;
}

const boxes = Object.entries(people).map(([name, { server, authorizedKeys, packages = [] }]) => {
  const box = new nspawn.DevBox(name, {
    host: ofServer(hosts, name, server),
    network: ofServer(networks, name, server),
    user: { name, authorizedKeys },
    packages: ["git", ...packages],
    limits: { memory: "2GiB", tasks: 4000 },
  });
  return { name, server, sshConfig: box.sshConfig };
});

/** For everybody's ~/.ssh/config.d. */
export const sshConfig = Object.fromEntries(boxes.map((box) => [box.name, box.sshConfig]));
export const summary = boxes.map(({ name, server }) => `${name} on ${server}`);
