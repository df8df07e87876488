import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint } from "../../../../provider/remote/keys/public-key";
import { wireString, wireUint32 } from "../../../../provider/remote/keys/wire";
import { agentKeys } from "../../../../provider/remote/login/agent-identities";
import { resolve } from "../../../../provider/remote/ssh-config/resolve";

const IDENTITIES_ANSWER = 12;
const blob = (byte: number) => Buffer.concat([wireString("ssh-ed25519"), wireString(Buffer.alloc(32, byte))]);
const held = [
  { blob: blob(1), comment: "work" },
  { blob: blob(2), comment: "home" },
];

let directory: string;
let server: Server;
const agent = () => join(directory, "agent.sock");

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "agent-"));
  const keys = held.flatMap((key) => [wireString(key.blob), wireString(key.comment)]);
  const answer = wireString(Buffer.concat([Buffer.of(IDENTITIES_ANSWER), wireUint32(held.length), ...keys]));
  server = createServer((socket) => socket.once("data", () => socket.end(answer)));
  await new Promise<void>((done) => server.listen(agent(), done));
});
afterEach(async () => {
  await new Promise((done) => server.close(done));
  rmSync(directory, { recursive: true });
});

/** The keys that are tried if the connection names this one, and the notes. */
async function tried(agentIdentity?: string) {
  const notes: string[] = [];
  const resolved = await resolve({ host: "web1", sshConfigFile: "none", agent: agent(), agentIdentity });
  return { keys: (await agentKeys(resolved, notes)).map((identity) => identity.blob), notes };
}

test("every key of the agent is tried if none is named", async () => {
  expect(await tried()).toEqual({ keys: [blob(1), blob(2)], notes: [] });
});

test.each([
  ["its comment", "home"],
  ["its fingerprint", fingerprint(blob(2))],
  ["its public key", `ssh-ed25519 ${blob(2).toString("base64")} home`],
])("a key can be named by %s", async (_how, name) => {
  expect(await tried(name)).toEqual({ keys: [blob(2)], notes: [] });
});

test("a name that no key has is noted with the keys that the agent has", async () => {
  const { keys, notes } = await tried("office");
  expect(keys).toEqual([]);
  expect(notes.join()).toContain(`"work" ${fingerprint(blob(1))}, "home" ${fingerprint(blob(2))}`);
});
