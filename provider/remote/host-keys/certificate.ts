import { type Certificate, outsideValidity } from "../keys/certificate";
import { fingerprint } from "../keys/public-key";
import { verifyAsSsh } from "../keys/signature";
import type { KnownHost } from "./known-hosts";
import { matchPattern } from "./pattern";

/**
 * Why a host's certificate does not prove that it is the host of this name, or `undefined` if it does. Checked as by
 * ssh(1).
 */
export function certificateProblem(
  certificate: Certificate,
  host: string,
  authorities: readonly KnownHost[],
  revoked: readonly KnownHost[],
): string | undefined {
  const { authority, key, principals } = certificate;
  if (certificate.kind !== "host") return "its certificate is not a host certificate";
  if (!authorities.some((line) => line.key.blob.equals(authority.blob))) {
    return `its certificate is signed by another authority, ${authority.type} ${fingerprint(authority.blob)}`;
  }
  const withdrawn = revoked.find((line) => line.key.blob.equals(authority.blob) || line.key.blob.equals(key.blob));
  if (withdrawn) return `the key of its certificate or of the authority is revoked (${withdrawn.place})`;
  if (!verifyAsSsh(authority, certificate.signed, certificate.signature))
    return "the signature of its certificate is invalid";
  if (certificate.criticalOptions.length > 0) {
    return `its certificate has critical options that are not supported: ${certificate.criticalOptions.join(", ")}`;
  }
  const named = principals.some((principal) => matchPattern(host.toLowerCase(), principal.toLowerCase()));
  if (principals.length > 0 && !named) return `its certificate is for ${principals.join(", ")}, not for ${host}`;
  const validity = outsideValidity(certificate);
  return validity === undefined ? undefined : `its certificate is not valid: ${validity}`;
}
