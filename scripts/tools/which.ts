import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** The program that a shell would run under this name. */
export async function which(name: string, path = process.env.PATH ?? ""): Promise<string | undefined> {
  for (const directory of path.split(delimiter)) {
    const file = join(directory, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (directory && found) return file;
  }
  return undefined;
}
