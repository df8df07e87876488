import { type PublicKey, parsePublicKey, publicKeyOf } from "./public-key";
import { WireReader, wireString } from "./wire";

const SUFFIX = "-cert-v01@openssh.com";

/** An OpenSSH certificate: what an authority says about a key. PROTOCOL.certkeys of OpenSSH. */
export interface Certificate {
  /** The certificate as a whole, as SSH sends it. */
  readonly whole: PublicKey;
  /** The plain key that it certifies. */
  readonly key: PublicKey;
  readonly kind: "user" | "host" | "other";
  readonly id: string;
  readonly principals: readonly string[];
  /** Seconds since 1970, like `validBefore`. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly criticalOptions: readonly string[];
  readonly authority: PublicKey;
  /** What the authority signed, and its signature in SSH's format. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Reads the line of a `…-cert.pub` file; `undefined` for anything else. */
export function parseCertificate(line: string): Certificate | undefined {
  const whole = parsePublicKey(line);
  return whole && readCertificate(whole);
}

/** Reads a certificate; `undefined` for a plain key and for a damaged one. */
export function readCertificate(whole: PublicKey): Certificate | undefined {
  if (!whole.type.endsWith(SUFFIX)) return undefined;
  try {
    return read(whole);
  } catch {
    // It ends before the length that it announces.
    return undefined;
  }
}

// The number of fields of the plain key in a certificate of its type.
const FIELDS: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
};

function read(whole: PublicKey): Certificate | undefined {
  const plainType = whole.type.slice(0, -SUFFIX.length);
  const fields = FIELDS[plainType];
  if (fields === undefined) return undefined;
  const reader = new WireReader(whole.blob);
  reader.string();
  reader.string(); // nonce
  const keyFields = Array.from({ length: fields }, () => wireString(reader.string()));
  reader.uint64(); // serial
  const kind = KINDS[reader.uint32()] ?? "other";
  const id = reader.text();
  const principals = new WireReader(reader.string()).strings().map(String);
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  const criticalOptions = optionNames(reader.string());
  reader.string(); // extensions
  reader.string(); // reserved
  const authority = publicKeyOf(reader.string());
  const signed = whole.blob.subarray(0, reader.position);
  const signature = reader.string();
  if (!authority) return undefined;
  const key = { type: plainType, blob: Buffer.concat([wireString(plainType), ...keyFields]) };
  return { whole, key, kind, id, principals, validAfter, validBefore, criticalOptions, authority, signed, signature };
}

const KINDS: Readonly<Record<number, Certificate["kind"]>> = { 1: "user", 2: "host" };

function optionNames(packed: Buffer): string[] {
  const items = new WireReader(packed).strings().map(String);
  return items.filter((_, index) => index % 2 === 0);
}

/** Why a certificate is not valid at this time, or `undefined`. */
export function outsideValidity(certificate: Certificate, now = Date.now()): string | undefined {
  const seconds = BigInt(Math.floor(now / 1000));
  if (seconds < certificate.validAfter) return `it is valid only from ${date(certificate.validAfter)} on`;
  if (seconds >= certificate.validBefore) return `it expired at ${date(certificate.validBefore)}`;
  return undefined;
}

function date(seconds: bigint): string {
  const last = 8.64e12;
  return new Date(Math.min(Number(seconds), last) * 1000).toISOString();
}
