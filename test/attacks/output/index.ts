import type { Attack } from "../attack";
import type { OutputGround } from "./ground";
import { locks } from "./locks";
import { prints } from "./prints";

/** What a guest does to the runs of the CLI, and to locks. */
export const outputAttacks: readonly Attack<OutputGround>[] = [...prints, ...locks];
