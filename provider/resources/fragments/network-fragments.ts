import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Effect, isRecord } from "../../dynamic";
import { firstCollision } from "../../nftables/ports";
import { bridgeClaims, bridgeFragment } from "./bridge-fragment";
import { type VethAttachment, vethClaims, vethFragment } from "./veth-fragment";

/** What a machine can be attached to, each kind under a key of its own. */
const FRAGMENTS = { veth: vethFragment, bridge: bridgeFragment };
export type NetworkFragment = z.infer<(typeof FRAGMENTS)[keyof typeof FRAGMENTS]>;

/** What stands alone in a machine's `networks`: the host's own network, or none at all. */
export const WITHOUT_LINKS = ["host", "none"] as const;

/** Not a union of the kinds, which would not say what is wrong inside of one. */
const networkSchema = z.unknown().transform((value, context): NetworkFragment | (typeof WITHOUT_LINKS)[number] => {
  const alone = WITHOUT_LINKS.find((word) => word === value);
  if (alone !== undefined) return alone;
  const kind = isRecord(value) ? Object.entries(FRAGMENTS).find(([key]) => key in value) : undefined;
  const result = kind?.[1].safeParse(value);
  if (result?.success) return result.data;
  const nothing = { path: [], message: 'is no network: write one, what its attach() gives, "host" or "none".' };
  for (const { path, message } of result?.error.issues ?? [nothing])
    context.addIssue({ code: "custom", path, message });
  return z.NEVER;
});

export const networksSchema = z
  .array(networkSchema)
  .max(8)
  .superRefine((networks, context) => {
    const alone = networks.find((network) => typeof network === "string");
    if (alone !== undefined && networks.length > 1) {
      context.addIssue({
        code: "custom",
        message: `"${alone}" stands alone: a machine has it or networks of its own.`,
      });
    }
    const names = fragmentsOf(networks).map(nameOf);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      context.addIssue({
        code: "custom",
        message: `the network "${twice}" stands there twice: a machine has one link in it.`,
      });
    }
    const collision = firstCollision(vethNetworks(networks).flatMap(({ ports }) => ports));
    if (collision !== undefined) {
      const message = `the ports "${collision[0]}" and "${collision[1]}" have a port of the host in common.`;
      context.addIssue({ code: "custom", message });
    }
  });

type Networks = z.infer<typeof networksSchema>;

function fragmentsOf(networks: Networks | undefined): NetworkFragment[] {
  return (networks ?? []).filter((network) => typeof network !== "string");
}

/** The networks of ours in a machine's list. */
export function vethNetworks(networks: Networks | undefined): VethAttachment[] {
  return fragmentsOf(networks).flatMap((fragment) => ("veth" in fragment ? [fragment.veth] : []));
}

/** Sentences that refuse networks of another host than the machine's, which is given by its identity. */
export function networksOfOthers(networks: Networks | undefined, host: string): string[] {
  return fragmentsOf(networks)
    .map((fragment) => ("veth" in fragment ? fragment.veth : fragment.bridge))
    .filter((body) => body.host !== host)
    .map((body) => `networks: "${body.id}" is on the host "${body.host}", and the machine's root on "${host}".`);
}

/** What only one machine may have in its networks. */
export function networkClaims(networks: Networks | undefined): string[] {
  return fragmentsOf(networks).flatMap((fragment) =>
    "veth" in fragment ? vethClaims(fragment.veth) : bridgeClaims(fragment.bridge),
  );
}

/** What a machine has one link in: a network of ours, a bridge or one VLAN of it. */
function nameOf(fragment: NetworkFragment): string {
  if ("veth" in fragment) return fragment.veth.network;
  const { name, vlan } = fragment.bridge;
  return vlan === undefined ? name : `${name}, VLAN ${vlan}`;
}

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
