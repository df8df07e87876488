import type { Context } from "../dynamic";
import { OtherHostError } from "../host/identity";
import type { OnHost } from "./on-host";

/**
 * Removes what a resource has on its host. Where another machine answers by now, and the host may have been replaced together with
 * all that was on it, there is nothing left to remove, and a warning says so.
 */
export async function removeFrom(
  state: OnHost,
  what: string,
  context: Context,
  remove: () => Promise<void>,
): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof OtherHostError) || !mayBeGone(state)) throw error;
    context.warn(`${error.message} The ${what} counts as removed, since it went with the host it was on.`);
  }
}

function mayBeGone({ host }: OnHost): boolean {
  return host.instance !== undefined || host.onUnreachable === "forget";
}
