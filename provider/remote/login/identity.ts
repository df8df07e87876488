import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { Certificate } from "../keys/certificate";
import { fingerprint } from "../keys/public-key";
import { signAsSsh, signatureAlgorithm } from "../keys/signature";
import { certificateKey } from "./certificate-authentication";
import { IdentityAgent } from "./identity-agent";

/** One key to try. */
export interface Identity {
  /** What it is, for messages: `the key file /home/ops/.ssh/id_ed25519 (ssh-ed25519 SHA256:…)`. */
  readonly label: string;
  readonly blob: Buffer;
  readonly method: (username: string) => AnyAuthMethod;
  /** The same key as the subject of a certificate. */
  readonly certified: (certificate: Certificate) => Identity;
}

/** A private key that this process has. */
export function privateIdentity(source: string, key: ParsedKey): Identity {
  const blob = key.getPublicSSH();
  return {
    label: `${source} (${key.type} ${fingerprint(blob)})`,
    blob,
    method: (username) => ({ type: "publickey", username, key }),
    certified: (certificate) => certifiedIdentity(source, certificate, key, async (data) => signAsSsh(key, data)),
  };
}

/** A certificate and its signer; `like` is any key of ssh2's. */
export function certifiedIdentity(
  source: string,
  certificate: Certificate,
  like: ParsedKey,
  sign: (data: Buffer) => Promise<Buffer>,
): Identity {
  const { whole, key } = certificate;
  const algorithm = `${signatureAlgorithm(key.type)}-cert-v01@openssh.com`;
  const agent = new IdentityAgent(certificateKey(like, algorithm, whole.blob), sign);
  const identity: Identity = {
    label: `${source} with its certificate "${certificate.id}"`,
    blob: whole.blob,
    method: (username) => ({ type: "agent", username, agent }),
    certified: () => identity,
  };
  return identity;
}
