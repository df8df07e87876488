import { sign, verify } from "node:crypto";
import type { ParsedKey } from "ssh2";
import { publicKeyOfBlob } from "./private-key";
import type { PublicKey } from "./public-key";
import { WireReader, wireString } from "./wire";

interface Algorithm {
  /** The key type that makes these signatures. */
  readonly key: string;
  /** `null` if the algorithm has its own hash. */
  readonly hash: string | null;
  /** The size in bytes of each of the two numbers of an ECDSA signature. */
  readonly half?: number;
}

// Without ssh-rsa, which is SHA-1: OpenSSH has not accepted it since 8.8.
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  "ssh-ed25519": { key: "ssh-ed25519", hash: null },
  "rsa-sha2-512": { key: "ssh-rsa", hash: "sha512" },
  "rsa-sha2-256": { key: "ssh-rsa", hash: "sha256" },
  "ecdsa-sha2-nistp256": { key: "ecdsa-sha2-nistp256", hash: "sha256", half: 32 },
  "ecdsa-sha2-nistp384": { key: "ecdsa-sha2-nistp384", hash: "sha384", half: 48 },
  "ecdsa-sha2-nistp521": { key: "ecdsa-sha2-nistp521", hash: "sha512", half: 66 },
};

/** The algorithm of the signatures that a key of this type makes; the strongest if there are several. */
export function signatureAlgorithm(keyType: string): string {
  return keyType === "ssh-rsa" ? "rsa-sha2-512" : keyType;
}

/** A signature in SSH's format: its algorithm, then its bytes. */
export function signAsSsh(key: ParsedKey, data: Buffer): Buffer {
  const name = signatureAlgorithm(key.type);
  const { hash, half } = algorithm(name);
  const raw = sign(hash, data, { key: key.getPrivatePEM(), dsaEncoding: "ieee-p1363" });
  const value = half === undefined ? raw : Buffer.concat([raw.subarray(0, half), raw.subarray(half)].map(wireNumber));
  return Buffer.concat([wireString(name), wireString(value)]);
}

/** Whether a signature in SSH's format was made by this key over the data. */
export function verifyAsSsh(key: PublicKey, data: Buffer, signature: Buffer): boolean {
  const [name = "", value = Buffer.alloc(0)] = parts(signature);
  const chosen = ALGORITHMS[`${name}`];
  const pem = publicKeyOfBlob(key.blob)?.getPublicPEM();
  if (!chosen || chosen.key !== key.type || !pem) return false;
  const raw = chosen.half === undefined ? value : fixedNumbers(value, chosen.half);
  return verify(chosen.hash, data, { key: pem, dsaEncoding: "ieee-p1363" }, raw);
}

function parts(signature: Buffer): Buffer[] {
  try {
    return new WireReader(signature).strings();
  } catch {
    return [];
  }
}

function algorithm(name: string): Algorithm {
  const found = ALGORITHMS[name];
  if (!found) throw new TypeError(`a key of type ${name} cannot sign here`);
  return found;
}

function wireNumber(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const trimmed = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  const negative = (trimmed[0] ?? 0) >= 0x80;
  return wireString(negative ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}

function fixedNumbers(value: Buffer, half: number): Buffer {
  const numbers = parts(value).slice(0, 2);
  return Buffer.concat(numbers.map((number) => Buffer.concat([Buffer.alloc(half), number]).subarray(-half)));
}
