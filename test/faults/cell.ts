export const operations = ["create", "update", "replace", "refresh", "destroy"] as const;
export type Operation = (typeof operations)[number];

/** When, around one step: before its script starts, while it runs, or after it ended but before its answer arrives. */
export const moments = ["before", "during", "after"] as const;
export type Moment = (typeof moments)[number];

/** The command that has to put everything right once the fault is gone. */
export const healings = ["up", "destroy"] as const;
export type Healing = (typeof healings)[number];

/** One fault at one remote step of one operation, and what follows. */
export interface Cell {
  readonly program: string;
  readonly operation: Operation;
  readonly fault: string;
  /** Which of the operation's steps: 0 is the first, just below 1 the last. How many there are, a run shows. */
  readonly place: number;
  readonly moment: Moment;
  readonly healing: Healing;
}

/** A part of the matrix in which no cell makes sense. */
export interface Excluded {
  readonly program: string;
  readonly operation: Operation;
  readonly fault: string;
  readonly reason: string;
}

/** As `--only` matches it, and as it is written in reports. */
export function idOf({ program, operation, fault, place, moment, healing }: Cell): string {
  return [program, operation, fault, place.toFixed(3), moment, healing].join("/");
}

/** The number of the step, from 1, among those that the operation has. */
export function stepOf({ place }: Cell, steps: number): number {
  return Math.min(steps, 1 + Math.floor(place * steps));
}
