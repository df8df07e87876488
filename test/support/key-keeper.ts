import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "./listen";

const PREFIX = "vault:v1:";

/** What Pulumi needs to have the key of a stack kept elsewhere. */
export interface KeyKeeper {
  readonly secretsProvider: string;
  readonly environment: Readonly<Record<string, string>>;
}

let started: Promise<KeyKeeper> | undefined;

/**
 * Keeps the keys of stacks in place of a Vault, and wraps them in nothing. With a passphrase, Pulumi derives the key
 * again in every run (PBKDF2, 1,000,000 rounds), which is nine tenths of the processor time of its CLI. It encrypts
 * secrets in the state in either case.
 */
export function keyKeeper(): Promise<KeyKeeper> {
  started ??= start();
  return started;
}

/** Answers encrypt and decrypt of Vault's transit engine: https://developer.hashicorp.com/vault/api-docs/secret/transit. */
async function start(): Promise<KeyKeeper> {
  const server = createServer(async (request, response) => {
    const { plaintext, ciphertext } = JSON.parse(await text(request));
    const data = ciphertext === undefined ? { ciphertext: PREFIX + plaintext } : { plaintext: unwrapped(ciphertext) };
    response.setHeader("content-type", "application/json").end(JSON.stringify({ data }));
  });
  const { port } = await listen(server);
  server.unref();
  return {
    secretsProvider: "hashivault://stack",
    environment: { VAULT_SERVER_URL: `http://127.0.0.1:${port}`, VAULT_SERVER_TOKEN: "test" },
  };
}

const unwrapped = (ciphertext: string) => ciphertext.slice(PREFIX.length);
