import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Effect, isRecord } from "../../dynamic";
import { vethFragment } from "./veth";

/** What a machine can be attached to, each kind under a key of its own. */
export const networkFragment = vethFragment;
export type NetworkFragment = z.infer<typeof networkFragment>;

/** What stands alone in a machine's `networks`: the host's own network, or none at all. */
export const WITHOUT_LINKS = ["host", "none"] as const;

export const networksSchema = z
  .array(
    z.union([z.enum(WITHOUT_LINKS), networkFragment], 'write a network, what its attach() gives, "host" or "none"'),
  )
  .max(8)
  .superRefine((networks, context) => {
    const alone = networks.find((network) => typeof network === "string");
    if (alone !== undefined && networks.length > 1) {
      context.addIssue({
        code: "custom",
        message: `"${alone}" stands alone: a machine has it or networks of its own.`,
      });
    }
    const names = networks.flatMap((network) => (typeof network === "string" ? [] : [network.veth.network]));
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      context.addIssue({
        code: "custom",
        message: `the network "${twice}" stands there twice: a machine has one link in it.`,
      });
    }
  });

/** Names of the host and of the fragment's maker; what a machine is does not depend on them. */
const BOOKKEEPING = ["host", "id"];
/** What changes while the machine runs. */
const LIVE = ["ports"];

/** A machine restarts for what its links are; ports change while it runs, and bookkeeping is only recorded. */
export function networksEffect(before: unknown, after: unknown): Effect {
  if (isDeepStrictEqual(without(before, BOOKKEEPING), without(after, BOOKKEEPING))) return "state";
  return sameLinks(before, after) ? "live" : "restart";
}

/** Whether two lists of networks give a machine the same links. */
export function sameLinks(before: unknown, after: unknown): boolean {
  const omitted = [...BOOKKEEPING, ...LIVE];
  return isDeepStrictEqual(without(before, omitted), without(after, omitted));
}

function without(networks: unknown, omitted: readonly string[]): unknown {
  if (!Array.isArray(networks)) return networks;
  const strip = (body: unknown) =>
    isRecord(body) ? Object.fromEntries(Object.entries(body).filter(([key]) => !omitted.includes(key))) : body;
  return networks.map((fragment: unknown) =>
    isRecord(fragment)
      ? Object.fromEntries(Object.entries(fragment).map(([kind, body]) => [kind, strip(body)]))
      : fragment,
  );
}
