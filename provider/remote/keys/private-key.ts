import { type ParsedKey, utils } from "ssh2";
import { messageOf } from "../errors/unknown-error";
import { isPkcs8, translatePkcs8 } from "./pkcs8";

/** The result of reading the text of a key file. */
export type KeyText =
  | { readonly kind: "private"; readonly key: ParsedKey }
  | { readonly kind: "public"; readonly key: ParsedKey }
  | { readonly kind: "encrypted" }
  | { readonly kind: "wrongPassphrase" }
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads a key in OpenSSH's, PEM, PKCS #8 or PuTTY's format. */
export function readKeyText(text: string, passphrase: string | undefined): KeyText {
  if (!isPkcs8(text)) return parse(text, passphrase);
  const translation = translatePkcs8(text, passphrase);
  return translation.kind === "translated" ? parse(translation.text, undefined) : translation;
}

function parse(text: string, passphrase: string | undefined): KeyText {
  const parsed: unknown = utils.parseKey(text, passphrase);
  // For a file that could hold several keys ssh2 returns an array, which its types do not declare.
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (isKey(key)) return { kind: key.isPrivateKey() ? "private" : "public", key };
  const why = messageOf(key);
  if (/no passphrase given/i.test(why)) return { kind: "encrypted" };
  if (/integrity check|bad passphrase|bad decrypt/i.test(why)) return { kind: "wrongPassphrase" };
  return { kind: "unreadable", why };
}

/** The public key in a blob, as ssh2 represents it. */
export function publicKeyOfBlob(blob: Buffer): ParsedKey | undefined {
  const parsed: unknown = utils.parseKey(blob);
  return isKey(parsed) ? parsed : undefined;
}

function isKey(value: unknown): value is ParsedKey {
  return typeof value === "object" && value !== null && "getPublicSSH" in value && "isPrivateKey" in value;
}
