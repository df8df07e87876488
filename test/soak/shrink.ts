/** Whether what is left still fails. */
export type Fails<T> = (items: readonly T[]) => Promise<boolean>;

/**
 * Leaves out items as long as the rest still fails: first all, then halves, then smaller parts (delta debugging). With
 * enough tries, no single one can be left out of the result. Returns what it has when `mayTry` says no.
 */
export async function shortest<T>(items: readonly T[], fails: Fails<T>, mayTry: () => boolean): Promise<readonly T[]> {
  if (items.length === 0 || !mayTry()) return items;
  if (await fails([])) return [];
  let left = items;
  let parts = 2;
  while (left.length > 1 && mayTry()) {
    const without = await firstFailing(left, Math.min(parts, left.length), fails, mayTry);
    if (without !== undefined) {
      left = without;
      parts = Math.max(2, parts - 1);
    } else if (parts < left.length) {
      parts *= 2;
    } else {
      break;
    }
  }
  return left;
}

/** The items without one of so many parts, the first that still fails. */
async function firstFailing<T>(
  items: readonly T[],
  parts: number,
  fails: Fails<T>,
  mayTry: () => boolean,
): Promise<readonly T[] | undefined> {
  for (let part = 0; part < parts && mayTry(); part += 1) {
    const from = Math.floor((part * items.length) / parts);
    const to = Math.floor(((part + 1) * items.length) / parts);
    const without = [...items.slice(0, from), ...items.slice(to)];
    if (await fails(without)) return without;
  }
  return undefined;
}
