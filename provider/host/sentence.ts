import type { HostErrorParts } from "../remote";

/** What a failure on a host means to the user: what happened, and what to do about it. */
export type Sentence = Pick<HostErrorParts, "happened" | "advice" | "details">;
