import { createHmac, randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { DialFailure } from "../errors/dial-failure";
import { messageOf } from "../errors/unknown-error";
import { type PublicKey, parsePublicKey } from "../keys/public-key";
import { matchPatternList } from "./pattern";
import { knownHostsLine } from "./write-known-hosts";

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly marker: "cert-authority" | "revoked" | undefined;
  /** The patterns as written there: a comma-separated list, or one hashed name. */
  readonly names: string;
  readonly key: PublicKey;
  /** `FILE:LINE`, for messages. */
  readonly place: string;
  readonly file: string;
}

/**
 * Reads the lines of a known_hosts file. A missing file has none; a damaged line is skipped, as ssh(1) does.
 */
export function readKnownHosts(file: string): KnownHost[] {
  if (!existsSync(file)) return [];
  return parseKnownHosts(readFileSync(file, "utf8"), file);
}

/**
 * Reads a file of `RevokedHostKeys`.
 *
 * @throws DialFailure if it cannot be understood: an overlooked revocation would be worse than none.
 */
export function readRevokedKeys(file: string): KnownHost[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw notUnderstood(file, messageOf(error));
  }
  if (text.startsWith("SSHKRL")) throw notUnderstood(file, "it is a key revocation list in OpenSSH's binary format");
  return text.split("\n").flatMap((line, index) => {
    const key = line.trim().startsWith("#") ? undefined : parsePublicKey(line);
    return key ? [{ marker: "revoked", names: "*", key, file, place: `${file}:${index + 1}` } as const] : [];
  });
}

function notUnderstood(file: string, why: string): DialFailure {
  return new DialFailure("configuration", {
    happened: `the revoked host keys in ${file} cannot be read (${why})`,
    advice: "RevokedHostKeys in ssh_config must name a text file with one public key per line.",
  });
}

/** Reads the text of a known_hosts file. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split("\n").flatMap((line, index) => parseLine(line, file, index + 1) ?? []);
}

function parseLine(line: string, file: string, number: number): KnownHost | undefined {
  const trimmed = line.trim();
  if (trimmed === "" || trimmed.startsWith("#")) return undefined;
  const [, mark, names, rest] = /^(?:@(\S+)\s+)?(\S+)\s+(.*)$/.exec(trimmed) ?? [];
  if (mark !== undefined && mark !== "cert-authority" && mark !== "revoked") return undefined;
  const key = rest === undefined ? undefined : parsePublicKey(rest);
  if (names === undefined || key === undefined) return undefined;
  return { marker: mark, names, key, file, place: `${file}:${number}` };
}

/** Whether the names of a line match this host; `name` is as {@link knownHostsName} returns it. */
export function matchesName(names: string, name: string): boolean {
  const lower = name.toLowerCase();
  if (names.startsWith("|1|")) return matchesHash(names, lower);
  return matchPatternList(lower, names.toLowerCase());
}

/** The name of a host in known_hosts: with its port only if that is not 22. */
export function knownHostsName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

function matchesHash(names: string, name: string): boolean {
  const [, , salt = "", hash = ""] = names.split("|");
  return hashName(name, Buffer.from(salt, "base64")) === hash;
}

function hashName(name: string, salt: Buffer): string {
  return createHmac("sha1", salt).update(name).digest("base64");
}

/**
 * Appends a host's key, with its name hashed if requested.
 *
 * @throws TypeError for a name that known_hosts cannot hold.
 */
export function appendKnownHost(file: string, name: string, key: PublicKey, hashed: boolean): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = existsSync(file) && /[^\n]$/.test(readFileSync(file, "utf8"));
  const salt = randomBytes(20);
  const names = hashed ? `|1|${salt.toString("base64")}|${hashName(name.toLowerCase(), salt)}` : name.toLowerCase();
  appendFileSync(file, `${unfinished ? "\n" : ""}${knownHostsLine([names], key)}`, { mode: 0o600 });
}
