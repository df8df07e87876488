import { type Access, hostKeyIn, knownHostsOf, sshConfigOf } from "../../../../constructs/dev-box/access";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";
const access = (connection: Access["host"]["connection"], more: Partial<Access> = {}): Access => ({
  name: "alice",
  address: "10.42.1.7",
  user: "al",
  host: { connection },
  hostKey: key,
  forwardAgent: false,
  ...more,
});

test("the entry has the host as jump host, and the host key itself", () => {
  expect(sshConfigOf(access({ host: "web1.example.com", user: "ops", port: 2222 }))).toBe(`Host alice
  HostName 10.42.1.7
  User al
  ProxyJump ops@web1.example.com:2222
  HostKeyAlias alice.web1.example.com
  HostKeyAlgorithms ssh-ed25519
  KnownHostsCommand /bin/echo alice.web1.example.com ${key}
`);
});

test("an ssh_config alias is kept, an IPv6 address has brackets, and the local machine needs no jump", () => {
  expect(sshConfigOf(access({ host: "web1" }))).toContain("\n  ProxyJump web1\n");
  expect(sshConfigOf(access({ host: "2001:db8::1", user: "ops" }))).toContain("\n  ProxyJump ops@[2001:db8::1]\n");
  expect(sshConfigOf(access({ host: "2001:db8::1" }))).toContain("HostKeyAlias alice.2001-db8--1\n");
  expect(sshConfigOf(access({ host: "local" }))).not.toContain("ProxyJump");
});

test("settings that a jump host's name cannot express get their own entry", () => {
  const connection = {
    host: "web1",
    user: "ops",
    privateKeyPath: "/my keys/id",
    knownHostsFile: "/k",
    jump: ["gate", { host: "inner", user: "me", port: 23 }],
  };
  expect(sshConfigOf(access(connection, { forwardAgent: true }))).toBe(`Host alice-host
  HostName web1
  User ops
  IdentityFile "/my keys/id"
  UserKnownHostsFile /k
  ProxyJump gate,me@inner:23

Host alice
  HostName 10.42.1.7
  User al
  ProxyJump alice-host
  HostKeyAlias alice.web1
  HostKeyAlgorithms ssh-ed25519
  KnownHostsCommand /bin/echo alice.web1 ${key}
  ForwardAgent yes
`);
});

test("known_hosts knows the box by its alias and its address", () => {
  expect(knownHostsOf(access({ host: "web1" }))).toBe(`alice.web1,10.42.1.7 ${key}\n`);
});

test("only a key is accepted as one, since the box's output goes into a command", () => {
  expect(hostKeyIn(`${key} root@alice\n`)).toBe(key);
  for (const said of ["", "ssh-ed25519 $(reboot)", "ssh-ed25519 AAAA;reboot", `ssh-rsa AAAA`]) {
    expect(() => hostKeyIn(said)).toThrow(/did not report its host key/);
  }
});
