import type { Writer } from "../fuzz";
import { fileWriters } from "./files";
import { networkWriters } from "./network";
import { nspawnWriters } from "./nspawn";
import { programWriters } from "./program";
import { shellWriters } from "./shell";
import { sshWriters } from "./ssh";
import { unitWriters } from "./units";

/** All functions that write text for another program. */
export const WRITERS: readonly Writer[] = [
  ...shellWriters,
  ...sshWriters,
  ...unitWriters,
  ...nspawnWriters,
  ...networkWriters,
  ...fileWriters,
  ...programWriters,
];
