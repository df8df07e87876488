import { fraction, pick } from "../faults/random";

/** Random choices that follow from a seed: the same seed gives the same choices in the same order. */
export class Dice {
  private thrown = 0;

  constructor(private readonly seed: string) {}

  /** From 0 to below 1. */
  next(): number {
    this.thrown += 1;
    return fraction(this.seed, this.thrown);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from 0 to below this. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(choices: readonly T[]): T {
    return pick(choices, this.next());
  }

  /** One of them, or none. */
  maybe<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length + 1)];
  }

  /** Each of them, or not. */
  some<T>(choices: readonly T[]): T[] {
    return choices.filter(() => this.chance(0.5));
  }
}
