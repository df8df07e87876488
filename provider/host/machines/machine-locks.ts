import type { Script } from "../../remote";
import { exclusively } from "../exclusion";

/** A machine, and the root it runs from: its own name, or another's if it is ephemeral. */
interface Names {
  readonly name: string;
  readonly rootName: string;
}

/**
 * Ephemeral machines that share a root start one after the other: each waits up to so many seconds. A machine whose name
 * differs from its root's also takes the lock of its own name, which a machine with a root of that name holds.
 */
export function underMachineLocks({ name, rootName }: Names, seconds: number, script: Script): Script {
  const [first = name, second] = [...new Set([rootName, name])].sort().map((one) => `root-${one}`);
  return exclusively(first, seconds, second === undefined ? script : exclusively(second, seconds, script, 5));
}
