import * as pulumi from "@pulumi/pulumi";

/** Resources that do nothing, with the same dependencies as in the program "machines". They show Pulumi's own time. */
const config = new pulumi.Config();
const count = config.requireNumber("count");
const whole = config.requireBoolean("whole");

const provider: pulumi.dynamic.ResourceProvider = {
  create: async ({ name }) => ({ id: name, outs: { name } }),
};

class Nothing extends pulumi.dynamic.Resource {
  constructor(name: string, needs: Nothing[]) {
    super(provider, name, { name, needs: needs.map(({ id }) => id) });
  }
}

const host = new Nothing("host", []);
const network = whole ? [new Nothing("network", [host])] : [];

for (let index = 0; index < count; index += 1) {
  const name = `web${index}`;
  const rootfs = new Nothing(`${name}-root`, [host]);
  const mounts = whole ? [new Nothing(`${name}-data`, [host])] : [];
  new Nothing(name, [rootfs, ...mounts, ...network]);
}
