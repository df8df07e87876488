import { type Answer, lines, run, type Script, type Target } from "../remote";
import { facts } from "./facts";
import { machinesInventory } from "./machines/inventory";
import { sourcesInventory } from "./mounts/inventory";
import { bridgesInventory } from "./networks/bridges";
import { networksInventory } from "./networks/veth-networks";
import { provisionsInventory } from "./provision";
import { generationsInventory } from "./roots/generations";

const TIMEOUT_SECONDS = 120;

/** Answers all that {@link inventory} wants to know. */
export const lookAtHost: Script = lines([
  facts,
  generationsInventory,
  networksInventory,
  bridgesInventory,
  machinesInventory,
  sourcesInventory,
  provisionsInventory,
]);

const inventories = new Map<string, Promise<Answer[]>>();

/**
 * All that `read` wants to know of a host, in one round trip: the first read of a host takes it, the others share it,
 * until something is written there.
 */
export function inventory(target: Target): Promise<Answer[]> {
  const key = keyOf(target);
  const known = inventories.get(key);
  if (known !== undefined) return known;
  const answers = run(target, lookAtHost, {
    attempt: "take the inventory",
    timeoutSeconds: TIMEOUT_SECONDS,
    retry: true,
  });
  inventories.set(key, answers);
  return answers;
}

/** To be called before anything is written on a host. */
export function forgetInventory(target: Target): void {
  inventories.delete(keyOf(target));
}

function keyOf(target: Target): string {
  return JSON.stringify([target.connection, target.credentials ?? null]);
}
