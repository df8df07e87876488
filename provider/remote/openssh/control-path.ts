import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DialFailure } from "../errors/dial-failure";
import { detailOf } from "../errors/unknown-error";

let count = 0;

/**
 * A path for the socket of a master, which ssh removes when it ends. Whoever opens the socket uses the connection, so it
 * is in a directory of this user alone. One directory for all: nobody would remove that of a process that was killed.
 *
 * @throws DialFailure if somebody else has the directory.
 */
export function newControlPath(): string {
  const directory = join(process.env.XDG_RUNTIME_DIR || tmpdir(), `pulumi-nspawn-${process.getuid?.() ?? ""}`);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (detailOf(error, "code") !== "EEXIST") throw unusable(directory);
  }
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) throw unusable(directory);
  count += 1;
  return join(directory, `${process.pid}-${count}`);
}

function unusable(directory: string): DialFailure {
  return new DialFailure("configuration", {
    happened: `${directory} is no directory of this user alone (mode 0700), and ssh's control socket must be in one`,
    advice: "Remove what is there, or set XDG_RUNTIME_DIR or TMPDIR to a directory of your own.",
  });
}
