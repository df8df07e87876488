import type { Duplex } from "node:stream";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { DialFailure } from "../errors/dial-failure";
import { messageOf } from "../errors/unknown-error";
import type { Certificate } from "../keys/certificate";
import { type PublicKey, publicKeyOf } from "../keys/public-key";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import { certificateProblem } from "./certificate";
import { probeCertificate } from "./certificate-probe";
import { certificateFailure, hostKeyFailure } from "./failure";
import { hostKeyAlgorithms, judge, type Known, type Verdict, whatIsKnown } from "./host-key";
import { appendKnownHost } from "./known-hosts";

/** Decides during one login whether the host that answers is the right one. */
export class HostTrust {
  private readonly known: Known;
  private readonly refusedTypes = new Set<string>();
  private accepted: PublicKey | undefined;
  private shown: { readonly key: PublicKey; readonly verdict: Verdict } | undefined;
  private certificate: "not asked" | "wanted" | "asked" = "not asked";
  private whyNoCertificate: string | undefined;
  private unwritable: DialFailure | undefined;

  constructor(private readonly resolved: ResolvedConnection) {
    this.known = whatIsKnown(resolved);
    const { keys, withoutPort, fingerprints, authorities } = this.known;
    const plain = keys.length + withoutPort.length + fingerprints.length > 0;
    if (authorities.length > 0 && !plain && resolved.hostKeyChecking !== "off") this.certificate = "wanted";
  }

  /** The signature algorithms to ask the host for. */
  get algorithms(): ServerHostKeyAlgorithm[] {
    return hostKeyAlgorithms(this.known, this.refusedTypes);
  }

  get wantsCertificate(): boolean {
    return this.certificate === "wanted";
  }

  /**
   * Gets the host's certificate; a key that a trusted authority certifies then counts as known. The stream cannot be
   * used afterwards.
   */
  async askCertificate(stream: Duplex): Promise<void> {
    const certificate = await probeCertificate(stream);
    this.certificate = "asked";
    this.whyNoCertificate = this.problemOf(certificate);
    if (certificate && this.whyNoCertificate === undefined) this.accepted = certificate.key;
  }

  private problemOf(certificate: Certificate | undefined): string | undefined {
    if (!certificate) return "the host has no certificate";
    const { authorities, revoked } = this.known;
    return certificateProblem(certificate, this.resolved.hostKeyAlias ?? this.resolved.host, authorities, revoked);
  }

  /**
   * Whether a host that presents this key is the right one; also called when the keys of a long connection are renewed.
   */
  verify(blob: Buffer): boolean {
    const key = publicKeyOf(blob);
    if (!key) return false;
    const verdict = judge(key, this.known);
    this.shown = { key, verdict };
    if (verdict.kind === "revoked") return false;
    if (verdict.kind === "known" || this.accepted?.blob.equals(blob)) return true;
    if (this.resolved.hostKeyChecking === "off") return true;
    if (verdict.kind === "changed" || this.resolved.hostKeyChecking !== "accept-new" || this.known.pinned) return false;
    return this.remember(key);
  }

  private remember(key: PublicKey): boolean {
    const [file] = this.resolved.knownHostsFiles;
    try {
      if (file !== undefined) appendKnownHost(file, this.known.name, key, this.resolved.hashKnownHosts);
    } catch (error) {
      this.unwritable = new DialFailure("configuration", {
        happened: `its new host key cannot be added to ${file} (${messageOf(error)})`,
        advice:
          "In the connection, set `knownHostsFile` to a file that can be written, or `hostKey` to the host's key.",
      });
      return false;
    }
    this.accepted = key;
    return true;
  }

  /** After a refusal: whether to ask the host once more, for its certificate or for another of its keys. */
  reconsider(): boolean {
    if (this.unwritable || !this.shown || this.shown.verdict.kind === "revoked") return false;
    if (this.certificate === "not asked" && this.known.authorities.length > 0) {
      this.certificate = "wanted";
      return true;
    }
    // A fingerprint does not show the type of its key.
    if (this.known.fingerprints.length === 0) return false;
    this.refusedTypes.add(this.shown.key.type);
    return this.algorithms.length > 0;
  }

  /** Why the presented key is refused; `undefined` before there was one. */
  failure(): DialFailure | undefined {
    if (this.unwritable) return this.unwritable;
    if (!this.shown) return undefined;
    const { key, verdict } = this.shown;
    if (verdict.kind === "unknown" && this.whyNoCertificate !== undefined) {
      return certificateFailure(this.known, key, this.whyNoCertificate);
    }
    return hostKeyFailure(this.resolved, this.known, key, verdict);
  }
}
