import { quote } from "shlex";
import { DialFailure } from "../errors/dial-failure";
import { fingerprint, formatPublicKey, type PublicKey } from "../keys/public-key";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import type { Known, Verdict } from "./host-key";
import type { KnownHost } from "./known-hosts";

/** How the host was reached, for the commands that make its key known. */
type Reached = Pick<ResolvedConnection, "user" | "host" | "port" | "knownHostsFiles" | "via" | "proxyCommand">;

/** Why a host's key was refused, and the lines that fix it. */
export function hostKeyFailure(resolved: Reached, known: Known, shown: PublicKey, verdict: Verdict): DialFailure {
  switch (verdict.kind) {
    case "revoked":
      return failure({
        happened: `its host key ${describe(shown)} is revoked (${verdict.by.place})`,
        advice: "Whoever presents this key may not be the host. Give the host a new key, and make it known here.",
      });
    case "changed":
      return known.pinned ? notPinned(known, shown) : changed(known, shown, verdict.by);
    default:
      return unknown(resolved, known, shown);
  }
}

function unknown(resolved: Reached, known: Known, shown: PublicKey): DialFailure {
  const { user, host, port } = resolved;
  const [first] = resolved.knownHostsFiles;
  const file = first === undefined ? "~/.ssh/known_hosts" : quote(first);
  const portFlag = port === 22 ? "" : `-p ${port} `;
  const type = shown.type.replace(/^ssh-|^ecdsa-.*|-cert-v01@openssh\.com$/g, (part) =>
    part.startsWith("ecdsa") ? "ecdsa" : "",
  );
  const line = `${known.name} ${formatPublicKey(shown)}`;
  return failure({
    happened: `its host key is not known: ${describe(shown)}`,
    advice:
      "Compare the fingerprint with what `ssh-keygen -lf /etc/ssh/ssh_host_" +
      `${type}_key.pub\` prints on the host. If it is the same, do one of these:`,
    details: [
      resolved.via || resolved.proxyCommand ? undefined : `ssh-keyscan ${portFlag}-t ${type} ${quote(host)} >> ${file}`,
      `ssh ${portFlag}${quote(`${user}@${host}`)}    (once; answer yes)`,
      `echo ${quote(line)} >> ${file}`,
      `hostKey: "${formatPublicKey(shown)}"    (in the connection)`,
    ]
      .filter((text) => text !== undefined)
      .join("\n"),
  });
}

function changed(known: Known, shown: PublicKey, by: readonly KnownHost[]): DialFailure {
  const files = [...new Set(by.map((line) => line.file))];
  return failure({
    happened: `its host key is not the one that is known: it presents ${describe(shown)}`,
    advice:
      "Someone may be listening in, or the host was reinstalled. If you know that it was, remove the old key and make the new one known:",
    details: [
      ...by.map((line) => `known: ${describe(line.key)} (${line.place})`),
      ...files.map((file) => `ssh-keygen -f ${quote(file)} -R ${quote(known.name)}`),
    ].join("\n"),
  });
}

function notPinned(known: Known, shown: PublicKey): DialFailure {
  const pins = [...known.keys.map((line) => describe(line.key)), ...known.fingerprints];
  return failure({
    happened: `its host key is not in \`hostKey\`: it presents ${describe(shown)}`,
    advice: `Someone may be listening in, or the host was reinstalled. If you know that it was, write hostKey: "${formatPublicKey(shown)}".`,
    details: pins.map((pin) => `hostKey: ${pin}`).join("\n"),
  });
}

/** `TYPE SHA256:…`. */
function describe(key: PublicKey): string {
  return `${key.type} ${fingerprint(key.blob)}`;
}

function failure(parts: ConstructorParameters<typeof DialFailure>[1]): DialFailure {
  return new DialFailure("hostKey", parts);
}

/** Why no authority that is trusted for a host vouches for it. */
export function certificateFailure(known: Known, shown: PublicKey, why: string): DialFailure {
  return failure({
    happened: `no authority that is trusted for it vouches for its host key ${describe(shown)}: ${why}`,
    advice:
      "Sign the host's key (ssh-keygen -s CA -I NAME -h -n HOST KEY.pub), name the certificate in its sshd_config (HostCertificate), and reload sshd.",
    details: known.authorities.map((line) => `authority: ${describe(line.key)} (${line.place})`).join("\n"),
  });
}
