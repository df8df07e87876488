import { type Script, sh } from "../remote";

/**
 * Runs a script while holding a lock of the host's kernel, so that processes, stacks and people exclude each other; a
 * killed script lets go by itself (flock(1)). Waits up to the given seconds, then refuses with the code `locked`.
 */
export function exclusively(name: string, waitSeconds: number, script: Script): Script {
  const path = `/run/pulumi-nspawn/${name}.lock`;
  return sh`
mkdir -p /run/pulumi-nspawn
exec 9>${path}
flock -w ${waitSeconds} 9 || refuse locked ${name}
${script}
exec 9>&-
`;
}
