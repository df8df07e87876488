import { createHash } from "node:crypto";

/** A number from 0 to below 1 that depends on these texts alone: the same seed gives the same cells everywhere. */
export function fraction(...texts: readonly (string | number)[]): number {
  const hash = createHash("sha256").update(JSON.stringify(texts)).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}

export function pick<T>(choices: readonly T[], at: number): T {
  const choice = choices[Math.floor(at * choices.length)];
  if (choice === undefined) throw new RangeError("nothing to choose from");
  return choice;
}

/** The same items in an order that the seed determines. */
export function shuffled<T>(items: readonly T[], key: (item: T) => string, seed: string): T[] {
  const places = items.map((item) => ({ item, at: fraction(seed, "order", key(item)) }));
  return places.sort((a, b) => a.at - b.at).map(({ item }) => item);
}
