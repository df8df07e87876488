import type { Sentence } from "./sentence";

/** What a script saw; an empty string for each value that it did not give. */
type Seen = readonly [first: string, second: string, third: string, fourth: string];

/** The sentences for refusals of scripts, by code. */
export type Refusals<Inputs = unknown> = Readonly<Record<string, (seen: Seen, inputs: Inputs) => Sentence>>;
