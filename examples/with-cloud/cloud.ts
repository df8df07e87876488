import { readFile } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";

/** What a cloud reports about a server once it exists. */
interface Server {
  readonly address: string;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKeyPath: string;
}

/** A cloud that hands out servers from a pool: a JSON object of `Server` by ID. */
const provider: pulumi.dynamic.ResourceProvider<{ pool: string; index: number }, Server> = {
  create: async ({ pool, index }) => {
    const servers = Object.entries<Server>(JSON.parse(await readFile(pool, "utf8")));
    const [id, server] = servers[index] ?? [];
    if (id === undefined || server === undefined) throw new Error(`${pool} has no server number ${index + 1}`);
    return { id, outs: server };
  },
};

class PooledServer extends pulumi.dynamic.Resource {
  declare readonly address: pulumi.Output<string>;
  declare readonly user: pulumi.Output<string>;
  declare readonly hostKey: pulumi.Output<string>;
  declare readonly privateKeyPath: pulumi.Output<string>;

  constructor(name: string, args: { pool: string; index: number }, opts: pulumi.CustomResourceOptions) {
    const outputs = { address: undefined, user: undefined, hostKey: undefined, privateKeyPath: undefined };
    super(provider, name, { ...args, ...outputs }, opts);
  }
}

/**
 * The servers of this stack. In a program of your own: `aws.ec2.Instance`, `hcloud.Server`, `libvirt.Domain` and so on.
 */
export class Servers extends pulumi.ComponentResource {
  readonly all: readonly PooledServer[];

  constructor(name: string, args: { pool: string; count: number }, opts: pulumi.ComponentResourceOptions = {}) {
    super("example:index:Servers", name, {}, opts);
    this.all = Array.from(
      { length: args.count },
      (_, index) => new PooledServer(`${name}-${index + 1}`, { pool: args.pool, index }, { parent: this }),
    );
    this.registerOutputs();
  }
}
