import { messageOf } from "../remote";
import { type Checked, check, given } from "./check";
import type { Adoption, ResourceDefinition } from "./definition";
import { holdsUnknown, isRecord } from "./unknown";

/** The input that records the object's state when it was adopted. Programs do not set it. */
const ADOPTED = "adopted";

/** What a check with adoption reports in addition to its inputs. */
export interface CheckedAdoption extends Checked {
  readonly notes: readonly string[];
}

/**
 * A check that looks at the host if an object should be adopted: only the first time, and only if the host is known.
 * The result is an input from then on, even if the program no longer has `adopt: true`; `adopt: false` drops it.
 */
export async function checkWithAdoption<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
): Promise<CheckedAdoption> {
  const checked = { ...check(definition, olds, news), notes: [] };
  if (definition.adopt === undefined || news.adopt === false || checked.failures.length > 0) return checked;
  const known = olds[ADOPTED];
  if (isRecord(known))
    return withAdoption(checked, definition.adopted?.(known, given(news), checked.inputs, olds) ?? {});
  if (!news.adopt || holdsUnknown(news.adopt) || Object.keys(olds).length > 0 || holdsUnknown(news.host))
    return checked;
  try {
    return withAdoption(checked, await definition.adopt(checked.inputs, given(news)));
  } catch (error) {
    return withAdoption(checked, { refusals: [messageOf(error)] });
  }
}

function withAdoption(checked: Checked, { inputs = {}, notes = [], refusals = [] }: Adoption): CheckedAdoption {
  const failures = refusals.map((reason) => ({ property: "" as const, reason }));
  return { inputs: { ...checked.inputs, ...inputs }, failures, notes };
}
