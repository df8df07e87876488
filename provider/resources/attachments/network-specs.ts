import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Effect, isRecord, messageOfIssue } from "../../dynamic";
import { firstCollision } from "../../nftables/ports";
import { bridgeSpec, bridgeUniqueKeys } from "./bridge-spec";
import { type VethAttachment, vethSpec, vethUniqueKeys } from "./veth-spec";

/** What a machine can be attached to, each kind under its own key. */
const SPECS = { veth: vethSpec, bridge: bridgeSpec };
export type NetworkSpec = z.infer<(typeof SPECS)[keyof typeof SPECS]>;

/** Entries that must be the only one in a machine's `networks`: the host's own network, or none at all. */
export const WITHOUT_LINKS = ["host", "none"] as const;

/** Not a union of the kinds: its errors would not say what is wrong inside of one. */
const networkSchema = z.unknown().transform((value, context): NetworkSpec | (typeof WITHOUT_LINKS)[number] => {
  const alone = WITHOUT_LINKS.find((word) => word === value);
  if (alone !== undefined) return alone;
  const kind = isRecord(value) ? Object.entries(SPECS).find(([key]) => key in value) : undefined;
  const result = kind?.[1].safeParse(value, { error: messageOfIssue });
  if (result?.success) return result.data;
  const nothing = { path: [], message: 'is not a network: write one, the result of its attach(), "host" or "none".' };
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
        message: `"${alone}" must be the only entry: a machine has it or networks of its own.`,
      });
    }
    const names = specsOf(networks).map(nameOf);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      context.addIssue({
        code: "custom",
        message: `the network "${twice}" is in the list twice: a machine has one link in it.`,
      });
    }
    const collision = firstCollision(vethNetworks(networks).flatMap(({ ports }) => ports));
    if (collision !== undefined) {
      const message = `the ports "${collision[0]}" and "${collision[1]}" use the same port of the host.`;
      context.addIssue({ code: "custom", message });
    }
  });

type Networks = z.infer<typeof networksSchema>;

function specsOf(networks: Networks | undefined): NetworkSpec[] {
  return (networks ?? []).filter((network) => typeof network !== "string");
}

/** The VethNetworks in a machine's list. */
export function vethNetworks(networks: Networks | undefined): VethAttachment[] {
  return specsOf(networks).flatMap((spec) => ("veth" in spec ? [spec.veth] : []));
}

/** Sentences that refuse networks on another host than the machine's, which is given by its identity. */
export function networksOfOthers(networks: Networks | undefined, host: string): string[] {
  return specsOf(networks)
    .map((spec) => ("veth" in spec ? spec.veth : spec.bridge))
    .filter((body) => body.host !== host)
    .map((body) => `networks: "${body.id}" is on the host "${body.host}", and the machine's root is on "${host}".`);
}

/** What only one machine may have among its networks. */
export function networkUniqueKeys(networks: Networks | undefined): string[] {
  return specsOf(networks).flatMap((spec) =>
    "veth" in spec ? vethUniqueKeys(spec.veth) : bridgeUniqueKeys(spec.bridge),
  );
}

/** What a machine can have only one link in: one of our networks, a bridge, or one VLAN of it. */
function nameOf(spec: NetworkSpec): string {
  if ("veth" in spec) return spec.veth.network;
  const { name, vlan } = spec.bridge;
  return vlan === undefined ? name : `${name}, VLAN ${vlan}`;
}

/** Names of the host and of the attachment's resource. The machine does not depend on them. */
const BOOKKEEPING = ["host", "id"];
/** Keys that change while the machine runs. */
const LIVE = ["ports"];

/** A changed link restarts the machine. Ports change while it runs, and bookkeeping is only recorded. */
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
  return networks.map((spec: unknown) =>
    isRecord(spec) ? Object.fromEntries(Object.entries(spec).map(([kind, body]) => [kind, strip(body)])) : spec,
  );
}
