import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the keeper of keys has no port");
  return {
    secretsProvider: "hashivault://stack",
    environment: { VAULT_SERVER_URL: `http://127.0.0.1:${address.port}`, VAULT_SERVER_TOKEN: "test" },
  };
}

const PREFIX = "vault:v1:";

const unwrapped = (ciphertext: string) => ciphertext.slice(PREFIX.length);
