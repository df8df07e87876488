import { expectBoxArgs } from "../../../constructs/dev-box/box-inputs";
import { rootfsInputs } from "../../../provider/resources/debian-rootfs/rootfs-inputs";
import { provisionInputs } from "../../../provider/resources/provision/provision-inputs";

const host = { connection: { host: "web1" } };
const root = (inputs: object) => rootfsInputs.safeParse({ host, name: "web", ...inputs });
const work = (inputs: object) =>
  provisionInputs.safeParse({ host, name: "web", machine: "m", rootfs: "r", users: [], ...inputs });
const repository = (more: object) => work({ repositories: [{ url: "https://h/r", user: "al", ...more }] });
const keysFrom = (url: string) =>
  work({ users: [{ name: "al", authorizedKeysFrom: [{ url, sha256: "0".repeat(64) }] }] });
const source = { name: "x", url: "https://h/d", suite: "s", components: ["main"], packages: [] };
const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

const ALGORITHM = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";

describe.each([
  ["NUL", "\0"],
  ["a bell", "\x07"],
  ["an escape", "\x1b[2J"],
  ["a delete", "\x7f"],
  ["a C1 control", "\x9b"],
  ["a line break", "\n"],
  ["a carriage return", "\r"],
])("%s", (_what, sign) => {
  test.each<[string, (text: string) => { success: boolean }]>([
    ["a mirror", (text) => root({ mirrors: [`http://h/a${text}b`] })],
    ["a line of a mirror", (text) => root({ mirrors: [`deb [arch=a${text.trim() || "\0"}b] http://h/d trixie main`] })],
    ["a keyring", (text) => root({ keyring: `/k${text}x` })],
    ["a root's authorized key", (text) => root({ authorizedKeys: [`${ALGORITHM} a${text}b`] })],
    ["a root's file", (text) => root({ files: [{ path: `/a${text}b`, content: "" }] })],
    ["a repository", (text) => repository({ url: `https://h/a${text}b` })],
    ["a repository over ssh", (text) => repository({ url: `git@h:a${text}b` })],
    ["its known_hosts", (text) => repository({ knownHosts: [`h ${ALGORITHM}${text}x`] })],
    ["its directory", (text) => repository({ directory: `a${text}b` })],
    ["keys from a URL", (text) => keysFrom(`https://h/a${text}b`)],
    ["a user's full name", (text) => work({ users: [{ name: "al", comment: `a${text}b` }] })],
    ["a user's home", (text) => work({ users: [{ name: "al", home: `/a${text}b` }] })],
    ["a user's shell", (text) => work({ users: [{ name: "al", shell: `/a${text}b` }] })],
  ])("is refused in %s", (_where, parse) => {
    expect(parse(sign).success).toBe(false);
    expect(parse("").success || _where === "a line of a mirror").toBe(true);
  });

  test("is refused in an apt source and in the environment", () => {
    const refuse = (more: object) => () => expectBoxArgs("a", { host: "web1", user: { name: "al" }, ...more });
    const files = (more: object) => refuse({ aptSources: [{ ...source, key, ...more }] });
    for (const more of [{ url: `https://h/a${sign}b` }, { suite: `a${sign}b` }, { components: [`a${sign}b`] }])
      expect(files(more)).toThrow(/is not allowed in an apt source/);
    expect(files({})).not.toThrow();
    expect(refuse({ environment: { A: `a${sign}b` } })).toThrow(/is not allowed/);
  });
});

test.each([
  "http://me:xu\nzu@h/d",
  "http://me:xuzu\n@h/d",
  "http://xuzu\n@h/d",
  "http://me:a/xuzu@h/d",
  "http://me:xu zu@h/d",
  "http://me:a@xuzu@h/d",
  "htp://me:xuzu@h/d",
  "http://h/d\n?token=xuzu",
  "deb http://me:xu\nzu@h/d trixie main",
  "deb http://me:xuzu@h/d",
  "me:xuzu@h:\nd",
])("no refusal repeats the secret of a URL: %j", (url) => {
  const refused = [root({ mirrors: [url] }), repository({ url }), keysFrom(url)];
  for (const { success, error } of refused)
    if (!success) expect(error.issues.map(({ message }) => message).join()).not.toMatch(/xu|zu/);
  expect(root({ mirrors: [url] }).success).toBe(false);
  try {
    expectBoxArgs("a", { host: "web1", user: { name: "al" }, aptSources: [{ ...source, key, url: `${url}\n` }] });
  } catch (error) {
    expect(String(error)).not.toMatch(/xu|zu/);
  }
});

test("an authorized key may have a tab, options and a comment in any language", () => {
  expect(root({ authorizedKeys: [`command="a\tb" ${ALGORITHM} jürgen`] }).success).toBe(true);
});
