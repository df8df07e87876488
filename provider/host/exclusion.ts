import type { Script } from "../remote";
import { sh } from "./sh";

/** The lock file; it is empty. */
export function lockFile(name: string): string {
  return `/run/pulumi-nspawn/${name}.lock`;
}

/**
 * Runs a script while holding a lock of the host's kernel, so that processes, stacks and people exclude each other. A
 * killed script releases it automatically (flock(1)). Waits up to the given seconds, then refuses with the code
 * `locked`. A nested lock needs another file descriptor; two scripts that take the same two locks must take them in the
 * same order.
 */
export function exclusively(name: string, waitSeconds: number, script: Script, descriptor: 5 | 9 = 9): Script {
  return sh`
lock_open ${lockFile(name)} ${descriptor}
flock -w ${waitSeconds} ${descriptor} || refuse locked ${name}
${script}
exec ${descriptor}>&-
`;
}
