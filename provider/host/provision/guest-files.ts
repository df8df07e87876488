import { createHash } from "node:crypto";
import type { Script } from "../../remote";
import { sh } from "../sh";

/** A file in a guest. */
export interface GuestFile {
  readonly path: string;
  readonly content: string;
  /** A user of the guest, by name or number. */
  readonly owner: string;
  /** A group of the guest, by name or number. */
  readonly group: string;
  /** Octal digits. */
  readonly mode: string;
}

export function ensureFile(file: GuestFile): Script {
  return sh`provision_file ${wantedFile(file)} ${file.content}`;
}

export function inspectFile(file: GuestFile): Script {
  return sh`
provision_problem=$(provision_file_problem ${wantedFile(file)})
[ -z "$provision_problem" ] || provision_differs ${file.path} "$provision_problem"
`;
}

function wantedFile({ path, content, owner, group, mode }: GuestFile): readonly string[] {
  const size = `${Buffer.byteLength(content)}`;
  const hash = createHash("sha256").update(content).digest("hex");
  return [path, size, hash, owner, group, mode.replace(/^0+(?=.)/, "")];
}
