import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DialFailure } from "../../../../provider/remote/errors/dial-failure";
import { showNotes } from "../../../../provider/remote/errors/note";
import { forgetSettings } from "../../../../provider/remote/ssh-config/ask";
import { resolve } from "../../../../provider/remote/ssh-config/resolve";

jest.mock("node:fs", () => {
  const real = jest.requireActual<typeof import("node:fs")>("node:fs");
  return { ...real, existsSync: jest.fn(real.existsSync) };
});

const { PATH } = process.env;
let directory: string;
let notes: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ssh-g-"));
  notes = [];
  showNotes((text) => notes.push(text));
});
afterEach(() => {
  process.env.PATH = PATH;
  forgetSettings();
  jest.mocked(existsSync).mockReset();
  rmSync(directory, { recursive: true });
});

/** Puts a program in the place of ssh. */
function replaceSsh(script: string): void {
  writeFileSync(join(directory, "ssh"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, "ssh"), 0o755);
  process.env.PATH = [directory, PATH].join(delimiter);
}

/** An ssh that knows no ssh_config, and writes its arguments down. */
const ANSWERING = `printf '<%s>' "$@" >>"\${0%/*}/calls"; echo >>"\${0%/*}/calls"
printf 'hostname web.example\\nuser ops\\nport 22\\n'`;
const calls = () => readFileSync(join(directory, "calls"), "utf8").trimEnd().split("\n");

/** The error of a connection that cannot be resolved. */
async function failureOf(work: Promise<unknown>): Promise<DialFailure> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DialFailure) return error;
  throw new Error(`not a DialFailure: ${error}`);
}

test("ssh is asked once for each destination, however many ask", async () => {
  replaceSsh(ANSWERING);
  const connection = { host: "web" };
  const found = await Promise.all([resolve(connection), resolve(connection), resolve({ host: "web", become: false })]);
  expect(new Set(found.map(({ host }) => host))).toEqual(new Set(["web.example"]));
  await resolve(connection);
  await resolve({ host: "db" });
  expect(calls()).toEqual(["<-T><-G><--><web>", "<-T><-G><--><db>"]);
  forgetSettings();
  await resolve(connection);
  expect(calls()).toHaveLength(3);
});

test("it gets the user, the port and the file of the connection", async () => {
  replaceSsh(ANSWERING);
  await resolve({ host: "web", user: "deploy", port: 2222, sshConfigFile: "~/other" });
  expect(calls()).toEqual([`<-T><-G><-F><${homedir()}/other><-l><deploy><-p><2222><--><web>`]);
});

test.each([
  { host: "-oProxyCommand=touch x" },
  { host: "$(touch x)" },
  { host: "web;touch x" },
  { host: "web", user: "`touch x`" },
  { host: "web", user: "$HOME" },
  { host: "web", jump: [{ host: "gate|touch" }] },
  { host: "web", jump: [{ host: "gate", user: "a&b" }] },
])("a name that would run commands reaches no ssh, whatever its version: %j", async (connection) => {
  replaceSsh(ANSWERING);
  expect((await failureOf(resolve(connection))).parts.happened).toMatch(/cannot be the name of a (?:host|user): it /);
  expect(existsSync(join(directory, "calls")) ? readFileSync(join(directory, "calls"), "utf8") : "").not.toContain(
    "touch",
  );
});

test("neither does one that a name of the program becomes in a jump host of ssh_config", async () => {
  replaceSsh("printf 'hostname web\\nuser x%%60touch%%60\\nport 22\\nproxyjump %%r@gate\\n'");
  const failure = await failureOf(resolve({ host: "web", user: "x%60touch%60" }));
  expect(failure.parts.happened).toBe('"x`touch`" cannot be the name of a user: it contains "`"');
});

test("no name is run by a proxy command, wherever it is from", async () => {
  replaceSsh(`printf 'hostname web$(touch x)\\nuser ops\\nport 22\\nproxycommand nc %%h %%p\\n'`);
  const failure = await failureOf(resolve({ host: "web" }));
  expect(failure.parts.happened).toBe('"web$(touch x)" cannot be the name of a host: it contains "$"');
  expect(await resolve({ host: "web", jump: [] })).toMatchObject({ proxyCommand: undefined });
});

test("it learns of a way that the program names, and each jump host is asked for", async () => {
  replaceSsh(ANSWERING);
  await resolve({ host: "web", jump: [] });
  await resolve({ host: "web", proxyCommand: "nc %h %p" });
  await resolve({ host: "web", proxyCommand: "none" });
  await resolve({ host: "web", jump: [{ host: "outer" }, { host: "inner", user: "ops" }] });
  expect(calls()).toEqual([
    "<-T><-G><-o><ProxyCommand=none><--><web>",
    "<-T><-G><-o><ProxyCommand=true><--><web>",
    "<-T><-G><-l><ops><-o><ProxyCommand=true><--><inner>",
    "<-T><-G><--><outer>",
  ]);
});

test("no ssh is asked if no ssh_config is to be read", async () => {
  replaceSsh(ANSWERING);
  expect(await resolve({ host: "WEB", user: "ops", sshConfigFile: "none" })).toMatchObject({ host: "web", port: 22 });
  expect(() => calls()).toThrow("ENOENT");
});

test("what ssh reports is in the error, its control characters are not, and the next try asks again", async () => {
  replaceSsh("printf 'config: line 2: \\033[31mBad\\007 option\\nterminating\\n' >&2; exit 255");
  const failure = await failureOf(resolve({ host: "web", sshConfigFile: "my config" }));
  expect(failure.kind).toBe("configuration");
  expect(failure.parts.happened).toBe(
    "ssh_config cannot be read: `ssh -G -F 'my config' -- web` ended with exit status 255",
  );
  expect(failure.parts.details).toBe("config: line 2: \\x1b[31mBad\\x07 option\nterminating\n");
  replaceSsh(ANSWERING);
  expect((await resolve({ host: "web", sshConfigFile: "my config" })).host).toBe("web.example");
});

test("a program that is another ssh is an error", async () => {
  replaceSsh("echo 'usage: dbclient'");
  const failure = await failureOf(resolve({ host: "web" }));
  expect(failure.parts.happened).toBe("what `ssh -G -- web` prints is not what OpenSSH prints");
});

test("an ssh that cannot be run is an error", async () => {
  replaceSsh("");
  chmodSync(join(directory, "ssh"), 0o644);
  process.env.PATH = directory;
  expect((await failureOf(resolve({ host: "web" }))).parts.happened).toMatch(
    /`ssh -G -- web` cannot be run \(.*EACCES/,
  );
});

test("none, as the path of a key or a certificate, is none", async () => {
  const found = await resolve({ host: "web", sshConfigFile: "none", privateKeyPath: "none", certificatePath: "NONE" });
  expect(found).toMatchObject({ identityFiles: [], certificateFiles: [] });
});

describe("without ssh", () => {
  beforeEach(() => {
    process.env.PATH = directory;
  });
  const thereIs = (...files: string[]) =>
    jest.mocked(existsSync).mockImplementation((path) => files.includes(String(path)));

  test("there are defaults, and one note if there is an ssh_config", async () => {
    thereIs("/etc/ssh/ssh_config");
    const web = await resolve({ host: "web", user: "ops" });
    expect(web).toMatchObject({ host: "web", port: 22, identityFilesNamed: false, hostKeyChecking: "strict" });
    expect(web.knownHostsFiles.map((file) => file.replace(/^.*(?=\/\.ssh\/)/, "~"))).toEqual([
      "~/.ssh/known_hosts",
      "~/.ssh/known_hosts2",
      "/etc/ssh/ssh_known_hosts",
      "/etc/ssh/ssh_known_hosts2",
    ]);
    await resolve({ host: "db" });
    expect(notes).toEqual([
      "There is no ssh in PATH, so /etc/ssh/ssh_config cannot be read and is ignored. Install OpenSSH's client (on Debian: sudo apt install openssh-client).",
    ]);
  });

  test("nothing is noted if there is no ssh_config", async () => {
    thereIs();
    await resolve({ host: "web" });
    expect(notes).toEqual([]);
  });

  test("a file that the connection names is not ignored", async () => {
    const failure = await failureOf(resolve({ host: "web", sshConfigFile: "/my/config" }));
    expect(failure.parts.happened).toBe(
      "the ssh_config file /my/config cannot be read, because there is no ssh in PATH",
    );
  });
});
