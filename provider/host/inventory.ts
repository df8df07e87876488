import { type Answer, lines, run, type Script, type Target } from "../remote";
import { sourcesInventory } from "./bind-sources";
import { bridgesInventory } from "./bridges";
import { facts } from "./facts";
import { generationsInventory } from "./generations";
import { machinesInventory } from "./machines";
import { provisionsInventory } from "./provision";
import { networksInventory } from "./veth-networks";

const TIMEOUT_SECONDS = 120;
const inventories = new Map<string, Promise<Answer[]>>();

/**
 * All that `read` wants to know of a host, in one round trip: the first read of a host takes it, the others share it,
 * until something is written there.
 */
export function inventory(target: Target): Promise<Answer[]> {
  const key = keyOf(target);
  const known = inventories.get(key);
  if (known !== undefined) return known;
  const script: Script = lines([
    facts,
    generationsInventory,
    networksInventory,
    bridgesInventory,
    machinesInventory,
    sourcesInventory,
    provisionsInventory,
  ]);
  const answers = run(target, script, { attempt: "take the inventory", timeoutSeconds: TIMEOUT_SECONDS, retry: true });
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
