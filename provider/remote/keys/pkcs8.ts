import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { messageOf } from "../errors/unknown-error";
import { wireString } from "./wire";

/** The result of translating a PKCS #8 text: the same key in a format that ssh2 reads, or why there is none. */
export type Translation =
  | { readonly kind: "translated"; readonly text: string }
  | { readonly kind: "encrypted" | "wrongPassphrase" }
  | { readonly kind: "unreadable"; readonly why: string };

/**
 * Whether a key is in PKCS #8, the format of openssl and of Pulumi's `tls.PrivateKey` for Ed25519; ssh2 does not read
 * it.
 */
export function isPkcs8(text: string): boolean {
  return /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text);
}

/** Rewrites a PKCS #8 key, decrypted, in its type's own format. */
export function translatePkcs8(text: string, passphrase: string | undefined): Translation {
  const encrypted = text.includes("BEGIN ENCRYPTED");
  if (encrypted && passphrase === undefined) return { kind: "encrypted" };
  try {
    return { kind: "translated", text: ownFormat(createPrivateKey({ key: text, passphrase })) };
  } catch (error) {
    if (encrypted) return { kind: "wrongPassphrase" };
    return { kind: "unreadable", why: messageOf(error) };
  }
}

function ownFormat(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case "ec":
      return key.export({ type: "sec1", format: "pem" }).toString();
    case "ed25519":
      return opensshEd25519(key);
    default:
      throw new TypeError(`a key of type ${key.asymmetricKeyType} is not RSA, ECDSA or Ed25519`);
  }
}

// PROTOCOL.key of OpenSSH. Ed25519 has no formats other than PKCS #8 and this one.
function opensshEd25519(key: KeyObject): string {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const secret = Buffer.from(d, "base64url");
  const point = Buffer.from(x, "base64url");
  const check = randomBytes(4);
  const type = wireString("ssh-ed25519");
  const body = Buffer.concat([
    check,
    check,
    type,
    wireString(point),
    wireString(Buffer.concat([secret, point])),
    wireString(""),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const container = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(wireString),
    Buffer.from([0, 0, 0, 1]),
    wireString(Buffer.concat([type, wireString(point)])),
    wireString(Buffer.concat([body, padding])),
  ]);
  const base64 = container
    .toString("base64")
    .match(/.{1,70}/g)
    ?.join("\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
