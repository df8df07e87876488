import { LEFT_INODES } from "./disks";
import type { Refusals } from "./refusal-table";

const MEBIBYTE = 2 ** 20;

/** A file on a host, or in a machine, that could not be written. */
export const writeRefusals: Refusals = {
  "not-written": ([path, reason, mount, room]) => {
    const [space = 0, inodes = 0, freeInodes = 0] = room.trim().split(/\s+/).map(Number);
    const happened = `${path} could not be written`;
    if (reason === "No space left on device" && inodes > 0 && freeInodes < LEFT_INODES) {
      return {
        happened: `${happened}: no inodes are left on the file system ${mount}`,
        advice: `It holds as many files as it can (\`df -i ${mount}\`). Remove some there, and run \`pulumi up\` again. The file is as it was.`,
      };
    }
    if (reason === "No space left on device") {
      return {
        happened: `${happened}: no space is left on the file system ${mount} (${Math.floor(space / MEBIBYTE)} MiB free)`,
        advice: `Free some there (\`df -h ${mount}\`, \`journalctl --vacuum-size=100M\`, \`apt-get clean\`), and run \`pulumi up\` again. The file is as it was.`,
      };
    }
    if (reason === "Read-only file system") {
      return {
        happened: `${happened}: the file system ${mount} is read-only`,
        advice: `If an error of the disk made it so, \`dmesg\` says it. Make it writable (\`mount -o remount,rw ${mount}\`), and run \`pulumi up\` again. The file is as it was.`,
      };
    }
    return { happened: `${happened}: ${reason}`, advice: `See \`ls -ld ${path}\`, and run \`pulumi up\` again.` };
  },
};
