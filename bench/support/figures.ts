/** The same work done by the library and by its baseline, one right after the other. */
export interface Pair<T> {
  readonly ours: T;
  readonly baseline: T;
}

/** One result. */
export interface Figure {
  readonly what: string;
  readonly ours: string;
  /** The baseline and its result. */
  readonly baseline: string;
  /** The value that the limit applies to; less is better. */
  readonly measure: number;
  /** The highest allowed value of the measure; without it the figure is only reported. */
  readonly limit?: number;
}

/** Half of the values are smaller. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The ratio to the baseline: the median over the rounds, each of which is compared only with itself. */
export function ratio(pairs: readonly Pair<number>[]): number {
  return median(pairs.map(({ ours, baseline }) => ours / baseline));
}

export function compared(what: string, pairs: readonly Pair<number>[], baseline: string, limit?: number): Figure {
  const time = (side: keyof Pair<number>) => seconds(median(pairs.map((pair) => pair[side])));
  return {
    what,
    ours: time("ours"),
    baseline: `${baseline}: ${time("baseline")}`,
    measure: ratio(pairs),
    limit,
  };
}

export function holds({ measure, limit }: Figure): boolean {
  return limit === undefined || measure <= limit;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
