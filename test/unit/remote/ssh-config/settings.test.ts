import { defaultSettings, parseSettings } from "../../../../provider/remote/ssh-config/settings";

/** What `ssh -G` of OpenSSH 9.2 printed for a host that ssh_config does not have, without the lists of algorithms. */
const PLAIN = `host web
user ops
hostname web
port 22
hashknownhosts no
identitiesonly no
stricthostkeychecking ask
serveralivecountmax 3
serveraliveinterval 0
identityfile ~/.ssh/id_rsa
identityfile ~/.ssh/id_ecdsa
identityfile ~/.ssh/id_ecdsa_sk
identityfile ~/.ssh/id_ed25519
identityfile ~/.ssh/id_ed25519_sk
identityfile ~/.ssh/id_xmss
identityfile ~/.ssh/id_dsa
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
userknownhostsfile /home/ops/.ssh/known_hosts /home/ops/.ssh/known_hosts2
connecttimeout none
ipqos lowdelay throughput
`;

/** The same with some lines replaced or added. */
const withLines = (...lines: string[]) => {
  const keywords = lines.map((line) => `${line.split(" ")[0]} `);
  const others = PLAIN.split("\n").filter((line) => !keywords.some((keyword) => line.startsWith(keyword)));
  return parseSettings([...lines, ...others].join("\n"));
};

test("ssh's defaults are those for a machine without ssh", () => {
  const { serveralivecountmax, serveraliveinterval, userknownhostsfile, ...others } = parseSettings(PLAIN) ?? {};
  expect({ serveralivecountmax, serveraliveinterval }).toEqual({ serveralivecountmax: 3, serveraliveinterval: 0 });
  expect(userknownhostsfile).toEqual(["/home/ops/.ssh/known_hosts", "/home/ops/.ssh/known_hosts2"]);
  const { userknownhostsfile: withTilde, ...defaults } = defaultSettings("WEB", "ops");
  expect(withTilde).toEqual(["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]);
  expect(others).toEqual(defaults);
});

test("each file of a keyword that is repeated counts, with its blanks", () => {
  const lines = ["identityfile /keys/a b", "identityfile ~/.ssh/%r c", "certificatefile /keys/a-cert.pub"];
  expect(withLines(...lines)).toMatchObject({
    identityfile: ["/keys/a b", "~/.ssh/%r c"],
    certificatefile: ["/keys/a-cert.pub"],
  });
});

test.each([
  ["/k/a /k/b", ["/k/a", "/k/b"]],
  ["/k/with two blanks /k/b", ["/k/with two blanks", "/k/b"]],
  ["~/a b ~/c /d", ["~/a b", "~/c", "/d"]],
  ["none", []],
  ["", []],
  // What ssh does not tell: whether these were two files.
  ["relative other", ["relative other"]],
])("a line of known_hosts files: %j", (line, files) => {
  expect(withLines(`userknownhostsfile ${line}`)?.userknownhostsfile).toEqual(files);
});

test("`none` is no value", () => {
  const lines = ["revokedhostkeys none", "proxyjump none", "proxycommand none", "identityfile none"];
  const settings = withLines(...lines);
  expect(settings).toMatchObject({ identityfile: [], connecttimeout: undefined });
  expect([settings?.revokedhostkeys, settings?.proxyjump, settings?.proxycommand]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(withLines("identityagent none")?.identityagent).toBe("none");
});

test.each([
  ["ask", "strict"],
  ["true", "strict"],
  ["accept-new", "accept-new"],
  ["false", "off"],
  ["off", "off"],
])("StrictHostKeyChecking %s: %s", (printed, means) => {
  expect(withLines(`stricthostkeychecking ${printed}`)?.stricthostkeychecking).toBe(means);
});

test("times are seconds, and a command is taken as it is", () => {
  expect(withLines("connecttimeout 90", "serveraliveinterval 60", "proxycommand nc %h %p # note")).toMatchObject({
    connecttimeout: 90,
    serveraliveinterval: 60,
    proxycommand: "nc %h %p # note",
  });
});

test.each(["", "usage: ssh [-1246AaCfGg]\n", PLAIN.replace("port 22", "port many")])(
  "anything else is not taken for settings: %j",
  (text) => {
    expect(parseSettings(text)).toBeUndefined();
  },
);
