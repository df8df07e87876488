import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostTrust } from "../../../../provider/remote/host-keys/trust";
import { fingerprint } from "../../../../provider/remote/keys/public-key";
import { wireString } from "../../../../provider/remote/keys/wire";
import { resolve } from "../../../../provider/remote/ssh-config/resolve";
import type { ResolvedConnection } from "../../../../provider/remote/ssh-config/resolved-connection";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "trust-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const blob = (byte: number) => Buffer.concat([wireString("ssh-ed25519"), wireString(Buffer.alloc(32, byte))]);
const [mine, other] = [blob(1), blob(2)];
const line = (names: string, key: Buffer) => `${names} ssh-ed25519 ${key.toString("base64")}\n`;

/** The trust in a host with this text as known_hosts. */
async function trust(
  knownHosts: string,
  wishes: Partial<Parameters<typeof resolve>[0]> & Partial<Pick<ResolvedConnection, "port">> = {},
) {
  const knownHostsFile = join(directory, "known_hosts");
  writeFileSync(knownHostsFile, knownHosts);
  return new HostTrust(await resolve({ host: "web1", sshConfigFile: "none", knownHostsFile, ...wishes }));
}

const policies = ["strict", "accept-new", "off"] as const;

test.each(policies)("%s accepts a known key, by its line or by its fingerprint", async (hostKeyChecking) => {
  expect((await trust(line("web1", mine), { hostKeyChecking })).verify(mine)).toBe(true);
  expect((await trust("", { hostKeyChecking, hostKey: [fingerprint(mine)] })).verify(mine)).toBe(true);
});

test("an unknown key is accepted by accept-new, which remembers it, and by off", async () => {
  const trusts = await Promise.all(policies.map((hostKeyChecking) => trust("", { hostKeyChecking })));
  expect(trusts.map((each) => each.verify(mine))).toEqual([false, true, true]);
  expect((await trust("", { hostKeyChecking: "accept-new", port: 2222 })).verify(mine)).toBe(true);
  expect(readFileSync(join(directory, "known_hosts"), "utf8")).toBe(line("[web1]:2222", mine));
});

test.each(["strict", "accept-new"] as const)("a changed key is refused by %s", async (hostKeyChecking) => {
  expect((await trust(line("web1", other), { hostKeyChecking })).verify(mine)).toBe(false);
  expect((await trust("", { hostKeyChecking, hostKey: [fingerprint(other)] })).verify(mine)).toBe(false);
  expect(readFileSync(join(directory, "known_hosts"), "utf8")).toBe("");
});

test.each(policies)("a revoked key is refused by %s, on any port", async (hostKeyChecking) => {
  const known = line("web1,[web1]:2222", mine) + line("@revoked web1", mine);
  expect((await trust(known, { hostKeyChecking })).verify(mine)).toBe(false);
  expect((await trust(known, { hostKeyChecking, port: 2222 })).verify(mine)).toBe(false);
});

test("the commands in a message have each name and path as one word", async () => {
  const knownHostsFile = join(directory, "my hosts");
  writeFileSync(knownHostsFile, line("it's", other));
  const of = async (hostKeyAlias: string) =>
    new HostTrust({
      ...(await resolve({ host: "web1", user: "EXAMPLE\\joe", sshConfigFile: "none", knownHostsFile })),
      hostKeyAlias,
    });
  const details = async (hostKeyAlias: string) => {
    const host = await of(hostKeyAlias);
    host.verify(mine);
    return host.failure()?.parts.details?.split("\n");
  };
  const file = `'${knownHostsFile}'`;
  expect(await details("new")).toEqual(
    expect.arrayContaining([
      `ssh-keyscan -t ed25519 web1 >> ${file}`,
      "ssh 'EXAMPLE\\joe@web1'    (once; answer yes)",
      expect.stringMatching(/^echo 'new ssh-ed25519 \S+' >> '.*'$/),
    ]),
  );
  expect(await details("it's")).toContain(`ssh-keygen -f ${file} -R 'it'"'"'s'`);
});
