import { type Answer, lines, run, type Script, type Target, targetKey } from "../remote";
import { facts } from "./facts";

const TIMEOUT_SECONDS = 120;

const inspections: Script[] = [facts];

/** Adds what a kind of resource needs to know about a host when it is read. */
export function takeInventoryOf(inspection: Script): void {
  inspections.push(inspection);
}

/** Answers everything that the kinds of resources need to know. */
export function inspectHost(): Script {
  return lines(inspections);
}

const inventories = new Map<string, Promise<Answer[]>>();

/**
 * Everything that `read` needs to know about a host, in one round trip. The first read of a host takes the inventory;
 * the others share it until something is written there.
 */
export function inventory(target: Target): Promise<Answer[]> {
  const key = targetKey(target);
  const known = inventories.get(key);
  if (known !== undefined) return known;
  const answers = run(target, inspectHost(), {
    attempt: "take the inventory",
    timeoutSeconds: TIMEOUT_SECONDS,
    retry: true,
  });
  inventories.set(key, answers);
  return answers;
}

/** Must be called before anything is written on a host. */
export function forgetInventory(target: Target): void {
  inventories.delete(targetKey(target));
}
