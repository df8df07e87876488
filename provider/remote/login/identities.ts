import { existsSync, readFileSync } from "node:fs";
import type { Credentials } from "../connection/credentials";
import { type Certificate, outsideValidity, parseCertificate } from "../keys/certificate";
import { readKeyText } from "../keys/private-key";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import { agentKeys } from "./agent-identities";
import { type Identity, privateIdentity } from "./identity";

/** The keys to try, in order, and what was left out, and why. */
export interface Identities {
  readonly usable: readonly Identity[];
  readonly skipped: readonly string[];
}

/**
 * Collects the keys to log in with, in ssh(1)'s order: keys of the agent that are also named, the agent's other keys,
 * the files; certificates before all of them. A key in the credentials is the only one to try.
 */
export async function findIdentities(resolved: ResolvedConnection, credentials: Credentials): Promise<Identities> {
  const notes: string[] = [];
  const passphrase = credentials.privateKeyPassphrase;
  const keys = credentials.privateKey
    ? keyOfText("the key in `privateKey`", credentials.privateKey, passphrase, notes)
    : await namedAndHeld(resolved, passphrase, notes);
  const certificates = certificatesFor(resolved, credentials, notes);
  const certified = keys.flatMap((key) =>
    certificates.filter((item) => item.key.blob.equals(key.blob)).map((item) => key.certified(item)),
  );
  return { usable: [...certified, ...keys], skipped: notes };
}

async function namedAndHeld(
  resolved: ResolvedConnection,
  passphrase: string | undefined,
  notes: string[],
): Promise<Identity[]> {
  const held = await agentKeys(resolved, notes);
  if (resolved.agentIdentity !== undefined) return [...held];
  const files = resolved.identityFiles.flatMap((file) => keyFile(file, resolved, passphrase, held, notes));
  const heldAndNamed = files.filter((file) => held.includes(file));
  const heldOnly = resolved.identitiesOnly ? [] : held.filter((key) => !heldAndNamed.includes(key));
  return [...heldAndNamed, ...heldOnly, ...files.filter((file) => !held.includes(file))];
}

/** The key in a file, or the agent's if it holds the same one: that needs no passphrase. */
function keyFile(
  file: string,
  resolved: ResolvedConnection,
  passphrase: string | undefined,
  held: readonly Identity[],
  notes: string[],
): readonly Identity[] {
  const label = `the key file ${file}`;
  const inAgent = (blob: Buffer | undefined) => held.filter((key) => blob && key.blob.equals(blob));
  const publicText = readText(file.endsWith(".pub") ? file : `${file}.pub`);
  const publicKey = publicText === undefined ? undefined : readKeyText(publicText, undefined);
  const known = inAgent(publicKey?.kind === "public" ? publicKey.key.getPublicSSH() : undefined);
  if (known.length > 0) return known;
  const text = readText(file);
  if (text === undefined) {
    if (resolved.identityFilesNamed) notes.push(`${label} ${existsSync(file) ? "cannot be read" : "does not exist"}`);
    return [];
  }
  const found = keyOfText(label, text, passphrase, notes);
  const alsoHeld = inAgent(found[0]?.blob);
  return alsoHeld.length > 0 ? alsoHeld : found;
}

function keyOfText(label: string, text: string, passphrase: string | undefined, notes: string[]): Identity[] {
  const read = readKeyText(text, passphrase);
  switch (read.kind) {
    case "private":
      return [privateIdentity(label, read.key)];
    case "public":
      notes.push(`${label} is a public key, and no agent holds its private key`);
      return [];
    case "encrypted":
      notes.push(
        `${label} is encrypted and no passphrase is given (privateKeyPassphrase, PULUMI_NSPAWN_SSH_PASSPHRASE)`,
      );
      return [];
    case "wrongPassphrase":
      notes.push(`${label} cannot be decrypted with the given passphrase`);
      return [];
    case "unreadable":
      notes.push(`${label} is not a readable private key (${read.why})`);
      return [];
  }
}

function certificatesFor(resolved: ResolvedConnection, credentials: Credentials, notes: string[]): Certificate[] {
  const beside = resolved.identityFiles.map((file) => ({ file: `${file}-cert.pub`, named: false }));
  const named = resolved.certificateFiles.map((file) => ({ file, named: true }));
  const texts = [...named, ...beside].flatMap(({ file, named }) => {
    const text = readText(file);
    if (text === undefined && named) notes.push(`the certificate ${file} cannot be read`);
    return text === undefined ? [] : [{ text, label: `the certificate ${file}` }];
  });
  const inline = credentials.certificate
    ? [{ text: credentials.certificate, label: "the certificate in `certificate`" }]
    : [];
  return [...inline, ...texts].flatMap(({ text, label }) => {
    const certificate = parseCertificate(text);
    const problem = certificate ? outsideValidity(certificate) : "it is not an OpenSSH certificate";
    if (!certificate || problem !== undefined) notes.push(`${label} cannot be used: ${problem}`);
    return certificate && problem === undefined ? [certificate] : [];
  });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
