import { existsSync, readFileSync } from "node:fs";
import { messageOf } from "../errors/unknown-error";
import { readCertificate } from "../keys/certificate";
import { publicKeyOfBlob } from "../keys/private-key";
import { fingerprint, parsePublicKey, publicKeyOf } from "../keys/public-key";
import { WireReader } from "../keys/wire";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import { type AgentKey, listAgentKeys, signWithAgent } from "./agent";
import { certifiedIdentity, type Identity } from "./identity";
import { IdentityAgent } from "./identity-agent";

/** The keys that the agent holds, or only the requested one. */
export async function agentKeys(resolved: ResolvedConnection, notes: string[]): Promise<Identity[]> {
  const { agent, agentIdentity } = resolved;
  if (agent === undefined) {
    notes.push("no agent was asked (SSH_AUTH_SOCK is not set, or `agent` is false)");
    return [];
  }
  const held = await list(agent, notes);
  const wanted = agentIdentity === undefined ? held : held.filter((key) => isCalled(key, agentIdentity));
  if (agentIdentity !== undefined && wanted.length === 0) notes.push(noSuchKey(agentIdentity, held));
  return wanted.flatMap((key) => identityOf(agent, key, notes) ?? []);
}

async function list(socket: string, notes: string[]): Promise<AgentKey[]> {
  try {
    const keys = await listAgentKeys(socket);
    if (keys.length === 0) notes.push("the agent holds no key (ssh-add adds one)");
    return keys;
  } catch (error) {
    notes.push(`the agent at ${socket} does not answer (${messageOf(error)})`);
    return [];
  }
}

function isCalled(key: AgentKey, name: string): boolean {
  const text = existsSync(name) ? readFileSync(name, "utf8") : name;
  const wanted = parsePublicKey(text);
  if (wanted) return wanted.blob.equals(key.blob);
  return key.comment === name || fingerprint(key.blob) === name;
}

function noSuchKey(name: string, held: readonly AgentKey[]): string {
  const names = held.map((key) => `"${key.comment}" ${fingerprint(key.blob)}`).join(", ") || "none";
  return `the agent holds no key called ${JSON.stringify(name)}; it holds ${names}`;
}

function identityOf(socket: string, held: AgentKey, notes: string[]): Identity | undefined {
  const whole = publicKeyOf(held.blob);
  const source = `the agent's key "${held.comment}"`;
  const certificate = whole && readCertificate(whole);
  const key = publicKeyOfBlob(certificate?.key.blob ?? held.blob);
  if (!whole || !key) {
    notes.push(
      `${source} is of a type that is not supported (${whole?.type ?? "unknown"}); your own ssh may use it: \`client: "openssh"\` in the connection`,
    );
    return undefined;
  }
  const signer = (blob: Buffer) => (data: Buffer) => signWithAgent(socket, blob, data, RSA_HASH);
  if (certificate) return certifiedIdentity(source, certificate, key, signer(held.blob));
  const agent = new IdentityAgent(key, async (data, hash) => {
    const signature = new WireReader(await signWithAgent(socket, held.blob, data, hash));
    signature.string();
    return signature.string();
  });
  return {
    label: `${source} (${whole.type} ${fingerprint(held.blob)})`,
    blob: held.blob,
    method: (username) => ({ type: "agent", username, agent }),
    certified: (item) => certifiedIdentity(source, item, key, signer(held.blob)),
  };
}

// What signatureAlgorithm() returns for RSA; an agent ignores it for other keys.
const RSA_HASH = "sha512";
