import { z } from "zod";
import { unknownKeysMessage } from "../../unknown-keys";
import { formatPublicKey, parsePublicKey } from "../keys/public-key";

const AUTHORITY = "@cert-authority";

/** Host keys as written in a connection: one or several, distinguished by how they begin. */
export const hostKey = z
  .union([z.string(), z.array(z.string())], "a host key is a string or an array of strings")
  .transform((value) => (typeof value === "string" ? [value] : value))
  .pipe(z.array(z.string().transform(canonicalHostKey)).min(1, "it is empty: leave `hostKey` out instead"));

function canonicalHostKey(text: string, context: z.RefinementCtx<string>): string {
  const value = text.trim();
  if (value.includes("PRIVATE KEY")) {
    context.addIssue({
      code: "custom",
      message: "this is a private key: a host is recognised by its public key (the .pub file)",
    });
    return z.NEVER;
  }
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(value)) return value.replace(/=$/, "");
  const authority = value.startsWith(`${AUTHORITY} `);
  const key = parsePublicKey(authority ? value.slice(AUTHORITY.length) : value);
  if (key) return `${authority ? `${AUTHORITY} ` : ""}${formatPublicKey(key)}`;
  context.addIssue({
    code: "custom",
    message: `${JSON.stringify(abbreviate(value))} is not a host key: write "ssh-ed25519 AAAA…" as \`ssh-keyscan HOST\` prints it, a fingerprint "SHA256:…", or "${AUTHORITY} ssh-ed25519 AAAA…"`,
  });
  return z.NEVER;
}

const abbreviate = (value: string) => (value.length > 60 ? `${value.slice(0, 60)}…` : value);

/** Refuses the text of a key in the place of its path, without repeating it. */
export function withoutKeyText(path: z.ZodString): z.ZodString {
  return path.refine((value) => !value.includes("PRIVATE KEY"), {
    abort: true,
    error: "this is a private key itself, not the path of its file: put it into `privateKey` of `credentials`",
  });
}

const SECRETS = ["password", "privateKey", "privateKeyPassphrase", "passphrase", "certificate", "becomePassword"];

/** The error for keys that an object does not have; a secret among them belongs in the credentials. */
export function unknownKeys(known: readonly string[]) {
  return (issue: { code?: string; keys?: unknown }): string | undefined => {
    if (issue.code !== "unrecognized_keys" || !Array.isArray(issue.keys)) return undefined;
    const keys: readonly unknown[] = issue.keys;
    const secrets = keys.filter((key) => typeof key === "string" && SECRETS.includes(key));
    if (secrets.length > 0) {
      return `${quoted(secrets)} is a secret, and a connection never holds one: put it into \`credentials\`, a separate key next to \`connection\``;
    }
    return unknownKeysMessage(keys.map(String), known);
  };
}

const quoted = (keys: readonly unknown[]) => keys.map((key) => JSON.stringify(key)).join(", ");
