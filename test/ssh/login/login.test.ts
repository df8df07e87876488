import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  AuthenticationError,
  type Connection,
  type Credentials,
  closeAll,
  first,
  run,
  sh,
} from "../../../provider/remote";
import { startAgent, type TestAgent } from "../../support/ssh/agent";
import { failureOf } from "../../support/ssh/failure";
import { ensureOpenSsh } from "../../support/ssh/openssh";
import { makeKey, Sshd, sshKeygen } from "../../support/ssh/sshd";

let sshd: Sshd;
let agent: TestAgent;
beforeAll(async () => {
  await ensureOpenSsh();
  sshd = await Sshd.start({ config: [] });
  agent = await startAgent(sshd.directory);
});
afterEach(() => closeAll());
afterAll(async () => {
  agent?.stop();
  await sshd?.remove();
});

async function whoAmI(connection: Connection, credentials?: Credentials): Promise<string | undefined> {
  const script = sh`answer user "$(id -un)"`;
  return first(await run({ connection, credentials }, script, { attempt: "look around", timeoutSeconds: 60 }), "user");
}

function authorize(file: string): string {
  execFileSync("sh", ["-c", 'cat "$1.pub" >>"$2"', "sh", file, sshd.directory.join("authorized_keys")]);
  return file;
}

test.each(["ed25519", "ecdsa", "rsa"] as const)("a key file of type %s logs in", async (type) => {
  const file = authorize(makeKey(sshd.directory.join(`file-${type}`), type));
  expect(await whoAmI(sshd.connection({ privateKeyPath: file }))).toBe("root");
});

test.each(["PEM", "PKCS8"])("a key file in the format %s logs in", async (format) => {
  const file = authorize(makeKey(sshd.directory.join(`format-${format}`), "rsa", "", "-m", format));
  expect(await whoAmI(sshd.connection({ privateKeyPath: file }))).toBe("root");
});

test("an Ed25519 key in PKCS #8, as openssl and the tls package write it, logs in", async () => {
  const file = sshd.directory.join("pkcs8");
  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", file]);
  const publicKey = execFileSync("openssl", ["pkey", "-in", file, "-pubout", "-outform", "DER"]).subarray(-32);
  const blob = Buffer.concat([Buffer.from("0000000b7373682d6564323535313900000020", "hex"), publicKey]);
  sshd.directory.write("pkcs8.pub", `ssh-ed25519 ${blob.toString("base64")}\n`);
  authorize(file);
  const credentials = { privateKey: readFileSync(file, "utf8") };
  expect(await whoAmI(sshd.connection({ privateKeyPath: undefined }), credentials)).toBe("root");
});

test("an encrypted key file logs in with its passphrase, and the error without one says what is missing", async () => {
  const file = authorize(makeKey(sshd.directory.join("encrypted"), "ed25519", "open sesame"));
  const connection = sshd.connection({ privateKeyPath: file });
  const without = await failureOf(whoAmI(connection));
  expect(without).toBeInstanceOf(AuthenticationError);
  expect(without.message).toContain(`the key file ${file} is encrypted and no passphrase is given`);
  const wrong = await failureOf(whoAmI(connection, { privateKeyPassphrase: "open barley" }));
  expect(wrong.message).toContain("cannot be decrypted with the given passphrase");
  expect(wrong.message).not.toContain("open barley");
  expect(await whoAmI(connection, { privateKeyPassphrase: "open sesame" })).toBe("root");
});

test("a private key in the credentials logs in, and is the only key that is tried", async () => {
  const key = readFileSync(sshd.privateKeyPath, "utf8");
  expect(await whoAmI(sshd.connection({ privateKeyPath: undefined }), { privateKey: key })).toBe("root");
  const stranger = readFileSync(makeKey(sshd.directory.join("stranger")), "utf8");
  const refused = await failureOf(whoAmI(sshd.connection(), { privateKey: stranger }));
  expect(refused.message).toMatch(/refused: the key in `privateKey` \(ssh-ed25519 SHA256:/);
  expect(refused.message).not.toContain("the key file");
  for (const line of stranger.split("\n").slice(1, -2)) expect(refused.message).not.toContain(line);
});

test("an agent logs in with any of its keys, or with the named one", async () => {
  const file = authorize(makeKey(sshd.directory.join("in-agent"), "rsa"));
  agent.add(makeKey(sshd.directory.join("other-in-agent")));
  agent.add(file);
  const connection = sshd.connection({ privateKeyPath: undefined, agent: agent.socket });
  expect(await whoAmI(connection)).toBe("root");
  expect(await whoAmI({ ...connection, agentIdentity: "in-agent" })).toBe("root");
  expect(await whoAmI({ ...connection, agentIdentity: `${file}.pub` })).toBe("root");
  const fingerprint = sshKeygen(["-l", "-f", `${file}.pub`]).split(" ")[1];
  expect(await whoAmI({ ...connection, agentIdentity: fingerprint })).toBe("root");
  const other = await failureOf(whoAmI({ ...connection, agentIdentity: "other-in-agent" }));
  expect(other.message).toContain(`refused: the agent's key "other-in-agent" (ssh-ed25519 SHA256:`);
  const none = await failureOf(whoAmI({ ...connection, agentIdentity: "nobody" }));
  expect(none.message).toContain('the agent holds no key called "nobody"; it holds "other-in-agent" SHA256:');
});

test("an agent's key stands in for an encrypted key file of the same key", async () => {
  const file = authorize(makeKey(sshd.directory.join("agent-and-file"), "ed25519", "open sesame"));
  agent.add(file, "open sesame");
  expect(await whoAmI(sshd.connection({ privateKeyPath: file, agent: agent.socket }))).toBe("root");
});

test("a missing agent is reported among what was not tried", async () => {
  const connection = sshd.connection({ privateKeyPath: "/nowhere/id", agent: sshd.directory.join("no-agent") });
  const failure = await failureOf(whoAmI(connection));
  expect(failure.message).toContain("there is no SSH key to log in as root with. Add one to an agent (ssh-add)");
  expect(failure.message).toContain("the key file /nowhere/id does not exist");
  expect(failure.message).toMatch(/the agent at .*no-agent does not answer \(connect ENOENT/);
  expect(failure.message).toContain("the host accepts: publickey");
});

test("if a host ends the login after too many keys, the error advises naming one", async () => {
  for (let count = 0; count < 8; count += 1) agent.add(makeKey(sshd.directory.join(`many-${count}`)));
  const connection = sshd.connection({ privateKeyPath: undefined, agent: agent.socket, user: "nobody" });
  const failure = await failureOf(whoAmI(connection));
  expect(failure).toBeInstanceOf(AuthenticationError);
  expect(failure.message).toContain("Select the right key with `agentIdentity` or `privateKeyPath` in the connection.");
  expect(failure.message).toContain("sshd said: Too many authentication failures");
});
