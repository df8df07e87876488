import { setTimeout as pause } from "node:timers/promises";
import { closeAll } from "../../provider/remote";
import { type TestHost, up } from "../support/hosts";
import { startProxy, type TcpProxy } from "../support/hosts/proxy";
import { type Made, Roots } from "../support/roots";

let host: TestHost;
let proxy: TcpProxy;
let roots: Roots;
beforeAll(async () => {
  host = await up({ name: "lost-connection", suite: "trixie" });
  await new Roots(host).create({ name: "first" });
});
afterAll(() => host?.down());
beforeEach(async () => {
  proxy = await startProxy({ host: host.address, port: host.port });
  roots = new Roots(host, "ops", { host: proxy.address, port: proxy.port, hostKey: [host.hostKey] });
});
afterEach(async () => {
  closeAll();
  await proxy?.close();
});

/** Begins to make a root, and resolves when its setup script runs, which takes so many seconds. */
async function begun(name: string, seconds: number): Promise<{ readonly made: Promise<Made> }> {
  const made = roots.create({ name, setup: `sleep ${seconds}` });
  await Promise.race([roots.shows(/^customising$/), made]);
  return { made };
}

test("a host that is silent for half a minute is no error, and the row says that it is silent", async () => {
  const { made } = await begun("silent", 40);
  proxy.stall();
  await pause(30_000);
  proxy.resume();
  expect((await made).state.name).toBe("silent");
  expect(roots.reported).toContainEqual(expect.stringMatching(/^ops@\S+ has not answered for \d+ s$/));
  expect(proxy.connections()).toBe(1);
});

test("a connection that is cut for five seconds is made again, and the root is made", async () => {
  const { made } = await begun("cut", 1);
  proxy.stall();
  proxy.cut();
  await pause(5000);
  proxy.resume();
  expect((await made).state.name).toBe("cut");
  expect(roots.reported).toContainEqual(
    expect.stringMatching(/^the connection to .* was lost; connecting again, \d+ s$/),
  );
  expect(await host.sh("ls -A /var/lib/machines | grep cut")).toBe("cut\n");
});

test("a host that vanishes is an error, which says so and what to do", async () => {
  const { made } = await begun("gone", 1);
  proxy.stall();
  await expect(made).rejects.toThrow(
    /could not make the root "gone" on ops@\S+: the connection was lost \(the host did not answer for 36 s\), and there is no other one: it did not answer within \d+ s.*\. Check that it is up, .* Then run `pulumi up` again: what is already done is found and kept\./,
  );
});
