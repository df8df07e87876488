import { PassThrough } from "node:stream";
import { Client } from "ssh2";
import type { Credentials } from "../../../../provider/remote/connection/credentials";
import { dial } from "../../../../provider/remote/ssh/dial";
import { closeConnections, connectionCount, dialCount, pooledHost } from "../../../../provider/remote/ssh/pool";
import { resolve } from "../../../../provider/remote/ssh-config/resolve";
import type { ResolvedConnection } from "../../../../provider/remote/ssh-config/resolved-connection";

jest.mock("../../../../provider/remote/ssh/dial");

/** The hosts that were logged in to, and the credentials used. */
let logins: [host: string, credentials: Credentials][] = [];

beforeEach(() => {
  logins = [];
  jest.mocked(dial).mockImplementation(async ({ host }, credentials) => {
    logins.push([host, credentials]);
    const transport = { stream: new PassThrough(), setBusy: () => {}, destroy: () => {}, notes: async () => "" };
    return { client: new Client(), transport };
  });
});
afterEach(closeConnections);

let web: ResolvedConnection;
let behind: ResolvedConnection;
beforeAll(async () => {
  web = await resolve({ host: "web1", user: "ops", sshConfigFile: "none" });
  behind = await resolve({ host: "web1", user: "ops", sshConfigFile: "none", jump: [{ host: "gate" }] });
});

test("all users of one host share its connection, and one login", async () => {
  const before = dialCount();
  const links = await Promise.all([1, 2, 3].map(() => pooledHost(web, {}).connect()));
  expect(new Set(links).size).toBe(1);
  expect([dialCount() - before, connectionCount()]).toEqual([1, 1]);
});

test("another policy or another credential makes another connection", async () => {
  const links = [
    await pooledHost(web, {}).connect(),
    await pooledHost({ ...web, hostKeyChecking: "off" }, {}).connect(),
    await pooledHost(web, { password: "hunter2" }).connect(),
  ];
  expect(new Set(links).size).toBe(3);
});

test("a jump host is offered the keys for the host behind it, and never its password", async () => {
  const credentials = { password: "hunter2", becomePassword: "hunter3", privateKey: "key", certificate: "certificate" };
  await pooledHost(behind, credentials).connect();
  expect(logins).toEqual([
    ["gate", { privateKey: "key", certificate: "certificate" }],
    ["web1", credentials],
  ]);
});

test("a connection that ended is made again", async () => {
  const host = pooledHost(web, {});
  (await host.connect()).close("test");
  await host.connect();
  expect(logins).toHaveLength(2);
});
