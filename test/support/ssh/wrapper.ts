import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quote } from "shlex";

/**
 * Puts an `ssh` that reads this ssh_config into a directory, which goes in front of PATH. Another HOME is not enough:
 * ssh takes the home directory from passwd(5).
 */
export async function putSshInto(directory: string, sshConfigFile: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const program = join(directory, "ssh");
  await writeFile(program, `#!/bin/sh\nexec /usr/bin/ssh -F ${quote(sshConfigFile)} "$@"\n`);
  await chmod(program, 0o755);
}
