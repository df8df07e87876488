import * as pulumi from "@pulumi/pulumi";
import { type Access, knownHostsOf, sshConfigOf } from "../../../../constructs/dev-box/access";
import { textFor } from "../../../../constructs/dev-box/access-text";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";
const access: Access = {
  name: "alice",
  address: "10.42.1.7",
  user: "al",
  host: { connection: { host: "web1" } },
  hostKey: key,
  forwardAgent: false,
};
const mocks = { newResource: ({ name }: { name: string }) => ({ id: name, state: {} }), call: () => ({}) };
const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

async function texts(given: pulumi.Output<Access>): Promise<string[]> {
  const box = new pulumi.ComponentResource("nspawn:index:DevBox", "alice");
  return Promise.all([value(textFor(box, given, sshConfigOf)), value(textFor(box, given, knownHostsOf))]);
}

beforeEach(() => pulumi.runtime.setMocks(mocks));

test("what is known is written", async () => {
  const [config, hosts] = await texts(pulumi.output(access));
  expect(config).toContain("Host alice\n");
  expect(hosts).toContain(key);
});

test("after an update in which a part of the box failed, the texts are comments and no unknown value", async () => {
  const unknown = pulumi.output(access).apply((one) => pulumi.output({ ...one, address: pulumi.unknown }));
  for (const text of await texts(unknown.apply((one) => ({ ...one, address: "10.42.1.7" }))))
    expect(text).toMatch(/^# not known, because a part of the box failed\. Run `pulumi up` again\.\n$/);
});

test("a key or an address that a guest or host made up is a comment of one line, and a warning", async () => {
  for (const wrong of [{ hostKey: "x\nProxyCommand reboot" }, { address: "10.0.0.1\nProxyCommand reboot" }]) {
    const [config] = await texts(pulumi.output({ ...access, ...wrong }));
    expect(config).toMatch(/^# [^\n]*\n$/);
  }
});
