import type { Client, ParsedKey } from "ssh2";
import { wireString } from "../keys/wire";

// ssh2 1.17 names the signature after the key's algorithm. For a certificate the two differ: the algorithm is
// `ssh-ed25519-cert-v01@openssh.com`, the signature is `ssh-ed25519`, and sshd refuses it under another name. So for
// these keys, this code writes the last packet of the login. A test logs in to a real sshd with a certificate of each
// type.

interface Protocol {
  authPK(user: string, key: ParsedKey, algorithm?: string, sign?: Sign): void;
  readonly _packetRW: { readonly write: PacketWriter };
}
type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;
interface PacketWriter {
  readonly allocStart: number;
  alloc(length: number): Buffer;
  finalize(packet: Buffer): Buffer;
}

const keys = new WeakSet<ParsedKey>();

/**
 * A key that presents another blob under another algorithm, and whose signer returns complete signatures, including
 * their name.
 */
export function certificateKey(like: ParsedKey, algorithm: string, blob: Buffer): ParsedKey {
  const key: ParsedKey = Object.create(like, {
    type: { value: algorithm },
    getPublicSSH: { value: () => blob },
  });
  keys.add(key);
  return key;
}

/** Lets a client, after `connect()`, log in with certificate keys. */
export function allowCertificateKeys(client: Client): void {
  const protocol: unknown = Reflect.get(client, "_protocol");
  if (!isProtocol(protocol)) return;
  const original = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, sign) => {
    if (!sign || !keys.has(key)) return original(user, key, algorithm, sign);
    original(user, key, algorithm, (data, done) =>
      sign(data, (signature) => {
        const request = data.subarray(4 + data.readUInt32BE(0)); // after the session ID
        const payload = Buffer.concat([request, wireString(signature)]);
        replacingPacket(protocol._packetRW.write, payload, () => done(signature));
      }),
    );
  };
}

function replacingPacket(writer: PacketWriter, payload: Buffer, send: () => void): void {
  const finalize = writer.finalize;
  writer.finalize = () => {
    const packet = writer.alloc(payload.length);
    payload.copy(packet, writer.allocStart);
    return finalize.call(writer, packet);
  };
  try {
    send();
  } finally {
    writer.finalize = finalize;
  }
}

function isProtocol(value: unknown): value is Protocol {
  return typeof value === "object" && value !== null && "authPK" in value && "_packetRW" in value;
}
