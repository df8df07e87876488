import { createConnection } from "node:net";
import { WireReader, wireString, wireUint32 } from "../keys/wire";

// draft-ietf-sshm-ssh-agent, "Message numbers".
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const RSA_SHA2_256 = 2;
const RSA_SHA2_512 = 4;

/** A key or certificate that an agent holds. */
export interface AgentKey {
  readonly blob: Buffer;
  readonly comment: string;
}

/** The keys that an SSH agent holds, in the agent's order. */
export async function listAgentKeys(socket: string): Promise<AgentKey[]> {
  const reader = answerOf(
    await ask(socket, Buffer.from([REQUEST_IDENTITIES])),
    IDENTITIES_ANSWER,
    "would not list its keys",
  );
  return Array.from({ length: reader.uint32() }, () => ({ blob: reader.string(), comment: reader.text() }));
}

/** A signature by a key of the agent, in SSH's format: its algorithm, then its bytes. */
export async function signWithAgent(socket: string, blob: Buffer, data: Buffer, hash?: string): Promise<Buffer> {
  const flags = hash === "sha512" ? RSA_SHA2_512 : hash === "sha256" ? RSA_SHA2_256 : 0;
  const request = Buffer.concat([Buffer.from([SIGN_REQUEST]), wireString(blob), wireString(data), wireUint32(flags)]);
  return answerOf(await ask(socket, request), SIGN_RESPONSE, "would not sign with this key").string();
}

function answerOf(message: Buffer, expected: number, otherwise: string): WireReader {
  const reader = new WireReader(message);
  if (reader.byte() !== expected) throw new Error(`the agent ${otherwise}`);
  return reader;
}

function ask(path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let received = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the agent closed the connection")));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readUInt32BE(0)) return;
      resolve(received.subarray(4, 4 + received.readUInt32BE(0)));
      socket.destroy();
    });
    socket.write(wireString(request));
  });
}
