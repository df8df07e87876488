import { createHash } from "node:crypto";
import { z } from "zod";
import { documented } from "../../documented";
import { unknownKeysMessage } from "../../unknown-keys";

const secret = z.string("a secret is a string").min(1, "it is empty: leave the key out instead");

/**
 * Used to log in and to become root. Every value is a secret; none is needed if an agent or an unencrypted key file is
 * enough.
 */
export const credentialsSchema = documented(
  {
    /** The user's password, also for keyboard-interactive prompts. Never sent to a jump host. @default none */
    password: secret.optional(),
    /** The text of a private key in OpenSSH's or PEM format. @default none */
    privateKey: secret.optional(),
    /** The passphrase that decrypts `privateKey` or the key files. @default none */
    privateKeyPassphrase: secret.optional(),
    /** The text of an OpenSSH user certificate (`…-cert.pub`) for `privateKey`. @default none */
    certificate: secret.optional(),
    /** The password that sudo asks for. @default `password` */
    becomePassword: secret.optional(),
  },
  { error: unknownKey },
);
/** See {@link credentialsSchema}. */
export type Credentials = z.infer<typeof credentialsSchema>;

const VARIABLES = {
  password: "PULUMI_NSPAWN_SSH_PASSWORD",
  privateKeyPassphrase: "PULUMI_NSPAWN_SSH_PASSPHRASE",
  becomePassword: "PULUMI_NSPAWN_BECOME_PASSWORD",
} as const;

let defaults: Credentials = {};

/** Credentials for every host that has none of its own, for example from the stack's configuration. */
export function setDefaultCredentials(credentials: Credentials): void {
  defaults = credentials;
}

/** The credentials in effect: the host's own, else the environment's, else the defaults. */
export function effectiveCredentials(own: Credentials = {}): Credentials {
  const merged: Credentials = { ...defaults, ...fromEnvironment(), ...defined(own) };
  return { ...merged, becomePassword: merged.becomePassword ?? merged.password };
}

/** Distinguishes credentials without holding them. */
export function credentialsFingerprint(credentials: Credentials): string {
  const entries = Object.entries(credentials).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex");
}

/** The text with every secret in it replaced. */
export function redact(text: string, credentials: Credentials): string {
  const secrets = Object.values(credentials).filter((value) => value !== undefined);
  return secrets
    .flatMap((value) => [value, value.trim(), ...lines(value)])
    .filter((value) => value.length > 0)
    .sort((a, b) => b.length - a.length)
    .reduce((result, value) => result.replaceAll(value, "[secret]"), text);
}

// A command may print a single line of a key. Shorter lines occur in any text.
const lines = (value: string) => (value.includes("\n") ? value.split("\n").filter((line) => line.length >= 16) : []);

function fromEnvironment(): Credentials {
  const entries = Object.entries(VARIABLES).map(([key, variable]) => [key, process.env[variable] || undefined]);
  return defined(Object.fromEntries(entries));
}

function defined(credentials: Credentials): Credentials {
  return Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== undefined));
}

function unknownKey(issue: { code?: string; keys?: unknown }): string | undefined {
  if (issue.code !== "unrecognized_keys" || !Array.isArray(issue.keys)) return undefined;
  const known = ["password", "privateKey", "privateKeyPassphrase", "certificate", "becomePassword"];
  return unknownKeysMessage(issue.keys.map(String), known);
}
