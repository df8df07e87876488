import { formatPublicKey, type PublicKey, parsePublicKey } from "../keys/public-key";

/** A name for one host, or its hashed form: no patterns, no list, and nothing that begins a marker or a comment. */
const NAME = /^(?:\|1\|[A-Za-z0-9+/]+=*\|[A-Za-z0-9+/]+=*|[^\s\p{Cc}\p{Cf}\p{Cs},*?!|#@]+)$/u;

/** As long a name as ssh compares (match_pattern_list in its match.c). */
const LONGEST = 1023;

/**
 * A line of known_hosts (sshd(8)).
 *
 * @throws TypeError for a name that would mean something else there, such as every host.
 */
export function knownHostsLine(names: readonly string[], key: PublicKey): string {
  for (const name of names) {
    if (!NAME.test(name) || Buffer.byteLength(name) > LONGEST)
      throw new TypeError(`${JSON.stringify(name)} cannot be the name of a host in known_hosts`);
  }
  return `${names.join(",")} ${formatPublicKey(key)}\n`;
}

/** A public key and nothing else, in a text of which it is a line; `undefined` if there is none of this type. */
export function publicKeyIn(text: string, type: string): PublicKey | undefined {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${type} `))
    .map(parsePublicKey)
    .find((key) => key !== undefined);
}
