import type { Attack } from "../attack";
import { bootId } from "./boot-id";
import { files } from "./files";
import type { TreeGround } from "./ground";
import { guests } from "./guests";
import { memory } from "./memory";
import { mounts } from "./mounts";
import { removal } from "./removal";
import { work } from "./work";

/** What a guest does with its tree and its processes against whoever looks into it or works in it. */
export const treeAttacks: readonly Attack<TreeGround>[] = [
  ...bootId,
  ...files,
  ...guests,
  ...mounts,
  ...memory,
  ...work,
  ...removal,
];
