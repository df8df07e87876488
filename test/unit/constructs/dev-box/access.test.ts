import { type Access, hostKeyIn, knownHostsOf, sshConfigOf } from "../../../../constructs/dev-box/access";

const text = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";
const access = (connection: Access["host"]["connection"], more: Partial<Access> = {}): Access => ({
  name: "alice",
  address: "10.42.1.7",
  user: "al",
  host: { connection },
  hostKey: text,
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
  KnownHostsCommand /bin/echo alice.web1.example.com ${text}
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
  KnownHostsCommand /bin/echo alice.web1 ${text}
  ForwardAgent yes
`);
});

test("known_hosts knows the box by its alias and its address", () => {
  expect(knownHostsOf(access({ host: "web1" }))).toBe(`alice.web1,10.42.1.7 ${text}\n`);
});

test("only a key is accepted as one, since the box's output goes into a command", () => {
  expect(hostKeyIn(`${text} root@alice\n`)).toBe(text);
  for (const said of [
    "",
    "ssh-ed25519 $(reboot)",
    "ssh-ed25519 AAAA;reboot",
    `ssh-rsa AAAA`,
    "ssh-ed25519 AAAAB3NzaC1yc2EAAAA=",
  ]) {
    expect(() => hostKeyIn(said)).toThrow(/did not report its host key/);
  }
});

describe("what ssh_config cannot hold is refused instead of becoming lines of its own", () => {
  test.each([
    ["an address with lines", {}, { address: "10.42.1.7\n  ProxyCommand touch /tmp/owned" }],
    ["an address that is a name", {}, { address: "evil.example.com" }],
    ["a name with lines", {}, { name: "alice\n  ProxyCommand x" }],
    ["a name that is a pattern", {}, { name: "*" }],
    ["a user with lines", {}, { user: "al\n  ProxyCommand x" }],
    ["a user whom old versions take for tokens", {}, { user: "%h" }],
    ["a key's path with lines", { privateKeyPath: "/k\n  ProxyCommand x" }, {}],
    ["a certificate's path with lines", { certificatePath: "/k\r\n  ProxyCommand x" }, {}],
    ["a known_hosts file with lines", { knownHostsFile: "/k\n  ProxyCommand x" }, {}],
    ["a known_hosts file with a variable", { knownHostsFile: "/k/${HOME}" }, {}],
    ["a command with lines", { proxyCommand: "nc %h %p\nMatch all" }, {}],
    ["a command with an open quote", { proxyCommand: "nc 'x %h %p" }, {}],
    ["a jump host with lines", { jump: [{ host: "gate\n  ProxyCommand x" }] }, {}],
    ["a jump host's user that runs commands", { jump: [{ host: "gate", user: "`reboot`" }] }, {}],
    ["a jump host's user who is a list", { jump: [{ host: "gate", user: "a,b" }] }, {}],
    ["a jump host as text that runs commands", { jump: ["$(reboot)"] }, {}],
    ["a host that runs commands", { host: "$(reboot)" }, {}],
    ["a host with lines", { host: "web1\nHost *" }, {}],
  ])("%s", (_what, connection, more: Partial<Access>) => {
    expect(() => sshConfigOf(access({ host: "web1", ...connection }, more))).toThrow();
  });

  test("in known_hosts too", () => {
    expect(() => knownHostsOf(access({ host: "web1" }, { address: `10.42.1.7 ${text}\n*` }))).toThrow(/which is none/);
    expect(() => knownHostsOf(access({ host: "web1" }, { name: "*" }))).toThrow(/cannot be the name of a host/);
  });
});

test("quotes and backslashes stay what they are, and percent signs mean what they mean to ssh", () => {
  const connection = { host: "web1", privateKeyPath: '/a "b"\\c/%h', knownHostsFile: "/100%/#k" };
  expect(sshConfigOf(access(connection))).toContain(`  IdentityFile "/a \\"b\\"\\\\c/%h"
  UserKnownHostsFile "/100%%/#k"
`);
});
