import { distance } from "fastest-levenshtein";

/** The message for keys that an object does not have. Names the one that was probably meant. */
export function unknownKeysMessage(keys: readonly string[], known: readonly string[]): string {
  return `there is no key ${keys.map((key) => JSON.stringify(key)).join(", ")} here${didYouMean(keys, known)}: the keys are ${known.join(", ")}`;
}

/** ` (did you mean "cpus"?)`, or nothing if no known name is near. */
export function didYouMean(names: readonly string[], known: readonly string[]): string {
  const meant = names.flatMap((name) => nearest(name, known) ?? []);
  return meant.length === 0 ? "" : ` (did you mean ${meant.map((name) => JSON.stringify(name)).join(", ")}?)`;
}

/** The known name with the fewest different letters, if few are (two are swapped ones), or one that begins like it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const given = name.toLowerCase();
  const [best] = known
    .map((candidate) => ({ candidate, letters: distance(given, candidate.toLowerCase()) }))
    .toSorted((one, other) => one.letters - other.letters);
  if (best !== undefined && best.letters <= (given.length < 4 ? 1 : Math.max(2, Math.floor(given.length / 3))))
    return best.candidate;
  return given.length < 3 ? undefined : known.find((candidate) => candidate.toLowerCase().startsWith(given));
}
