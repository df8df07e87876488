import { type Script, sh } from "../remote";

/** The file that is locked; nothing is in it. */
export function lockFile(name: string): string {
  return `/run/pulumi-nspawn/${name}.lock`;
}

/**
 * Runs a script while holding a lock of the host's kernel, so that processes, stacks and people exclude each other; a
 * killed script lets go by itself (flock(1)). Waits up to the given seconds, then refuses with the code `locked`. A second lock inside
 * needs another file descriptor; two scripts that take the same two have to take them in the same order.
 */
export function exclusively(name: string, waitSeconds: number, script: Script, descriptor: 5 | 9 = 9): Script {
  return sh`
mkdir -p /run/pulumi-nspawn
exec ${descriptor}>${lockFile(name)}
flock -w ${waitSeconds} ${descriptor} || refuse locked ${name}
${script}
exec ${descriptor}>&-
`;
}

/** All machines of a host pass here one after the other; shorter than the time that a network has. */
const NETWORKS_SECONDS = 100;

/**
 * Shell functions about the one lock for what all networks of a host share: `networks_lock` takes it where this script does not
 * have it yet, also inside {@link exclusively}, and `networks_unlock` lets go.
 */
export const networksLock: Script = sh`
networks_locked=
networks_lock() {
  [ -z "$networks_locked" ] || return 0
  mkdir -p /run/pulumi-nspawn
  exec 8>${lockFile("networks")}
  flock -w ${NETWORKS_SECONDS} 8 || refuse locked networks
  networks_locked=yes
}
networks_unlock() { exec 8>&-; networks_locked=; }
`;
