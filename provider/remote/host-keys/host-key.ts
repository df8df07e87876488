import type { ServerHostKeyAlgorithm } from "ssh2";
import { fingerprint, type PublicKey, parsePublicKey } from "../keys/public-key";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import { type KnownHost, knownHostsName, matchesName, readKnownHosts, readRevokedKeys } from "./known-hosts";

/** What is known about a host before it presents its key. */
export interface Known {
  /** Its name in known_hosts. */
  readonly name: string;
  readonly keys: readonly KnownHost[];
  /** Lines for its bare name, without the port: they may confirm a key, but never contradict one. */
  readonly withoutPort: readonly KnownHost[];
  readonly authorities: readonly KnownHost[];
  readonly revoked: readonly KnownHost[];
  /** Fingerprints from the connection. */
  readonly fingerprints: readonly string[];
  /** Whether the keys come from the connection itself. */
  readonly pinned: boolean;
}

/** The verdict on the key that a host presented. */
export type Verdict =
  | { readonly kind: "known" | "unknown" }
  | { readonly kind: "revoked"; readonly by: KnownHost }
  | { readonly kind: "changed"; readonly by: readonly KnownHost[] };

/** Collects what the connection, or else the known_hosts files, say about a host. */
export function whatIsKnown(resolved: ResolvedConnection): Known {
  const name = resolved.hostKeyAlias ?? knownHostsName(resolved.host, resolved.port);
  const bareName = resolved.hostKeyAlias ?? resolved.host;
  const revoked = resolved.revokedHostKeys === undefined ? [] : readRevokedKeys(resolved.revokedHostKeys);
  if (resolved.hostKeys.length > 0) return { ...pinned(resolved.hostKeys), revoked, name };
  const lines = resolved.knownHostsFiles.flatMap(readKnownHosts);
  const mine = lines.filter((line) => matchesName(line.names, name));
  const bare = name === bareName ? [] : lines.filter((line) => matchesName(line.names, bareName));
  const marked = (marker: KnownHost["marker"]) => (line: KnownHost) => line.marker === marker;
  return {
    name,
    keys: mine.filter(marked(undefined)),
    withoutPort: bare.filter(marked(undefined)),
    authorities: [...mine, ...bare].filter(marked("cert-authority")),
    revoked: [...mine, ...bare].filter(marked("revoked")).concat(revoked),
    fingerprints: [],
    pinned: false,
  };
}

function pinned(hostKeys: readonly string[]): Omit<Known, "name" | "revoked"> {
  const keys = hostKeys.flatMap((text): KnownHost[] => {
    const marker = text.startsWith("@cert-authority ") ? ("cert-authority" as const) : undefined;
    const key = parsePublicKey(marker ? text.slice("@cert-authority ".length) : text);
    return key ? [{ marker, names: "*", key, file: "", place: "hostKey" }] : [];
  });
  return {
    keys: keys.filter((key) => key.marker === undefined),
    withoutPort: [],
    authorities: keys.filter((key) => key.marker === "cert-authority"),
    fingerprints: hostKeys.filter((text) => text.startsWith("SHA256:")),
    pinned: true,
  };
}

/**
 * Judges a key. Because known types are asked for first, a host that presents another type no longer has the known one.
 * Unlike in ssh(1) with `accept-new`, that counts as changed.
 */
export function judge(key: PublicKey, known: Known): Verdict {
  const same = (line: KnownHost) => line.key.blob.equals(key.blob);
  const revoked = known.revoked.find(same);
  if (revoked) return { kind: "revoked", by: revoked };
  if ([...known.keys, ...known.withoutPort].some(same)) return { kind: "known" };
  if (known.fingerprints.includes(fingerprint(key.blob))) return { kind: "known" };
  const against = known.keys.length > 0 || known.fingerprints.length > 0;
  return against ? { kind: "changed", by: known.keys } : { kind: "unknown" };
}

const ALGORITHMS = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
} as const;
type KeyType = keyof typeof ALGORITHMS;
const KEY_TYPES: readonly KeyType[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
];

/**
 * The signature algorithms to ask a host for: those of known key types first, as ssh(1) does, without those that were
 * presented and refused.
 */
export function hostKeyAlgorithms(known: Known, refused: ReadonlySet<string>): ServerHostKeyAlgorithm[] {
  const knownTypes = new Set([...known.keys, ...known.withoutPort].map((line) => line.key.type));
  const types = KEY_TYPES.filter((type) => !refused.has(type));
  const ordered = [...types.filter((type) => knownTypes.has(type)), ...types.filter((type) => !knownTypes.has(type))];
  return ordered.flatMap((type) => [...ALGORITHMS[type]]);
}
