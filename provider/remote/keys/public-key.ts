import { createHash } from "node:crypto";

/** A public key as SSH writes it: its type and its blob. */
export interface PublicKey {
  readonly type: string;
  readonly blob: Buffer;
}

const KEY_TYPE = /^(?:ssh|ecdsa|sk|rsa)-[A-Za-z0-9@.-]+$/;

/**
 * Reads `TYPE BASE64 [COMMENT]`, also with host names in front, as `ssh-keyscan` prints it.
 *
 * @returns `undefined` for anything that is not a public key.
 */
export function parsePublicKey(line: string): PublicKey | undefined {
  const words = line.trim().split(/\s+/);
  const at = words.slice(0, 2).findIndex((word) => KEY_TYPE.test(word));
  const [type, base64] = at < 0 ? [] : words.slice(at);
  if (!type || !base64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const blob = Buffer.from(base64, "base64");
  return typeOfBlob(blob) === type ? { type, blob } : undefined;
}

/** `TYPE BASE64`, without a comment. */
export function formatPublicKey(key: PublicKey): string {
  return `${key.type} ${key.blob.toString("base64")}`;
}

/** The key in a blob: every blob begins with its type. */
export function publicKeyOf(blob: Buffer): PublicKey | undefined {
  const type = typeOfBlob(blob);
  return type === undefined ? undefined : { type, blob };
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace("=", "")}`;
}

function typeOfBlob(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  const type = blob.toString("latin1", 4, 4 + length);
  return blob.length >= 4 + length && KEY_TYPE.test(type) ? type : undefined;
}
