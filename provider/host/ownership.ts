import { randomBytes } from "node:crypto";
import { z } from "zod";
import { lines, type Script } from "../remote";
import { sh } from "./sh";

/** Where the library records on a host who created what. Outside every guest's tree. */
export const STATE_DIRECTORY = "/var/lib/pulumi-nspawn";

/** The fields that every marker on a host has. */
export const markerSchema = z.object({
  /** Random, generated at create, kept in the resource's outputs: whoever has it may change and delete the object. */
  owner: z.string(),
  /** Renames and moves change it, and two people may have the same one: it names the resource in messages. */
  urn: z.string(),
});

/** Who an operation works for. */
export interface Claim {
  /** Random, generated at create, kept in the resource's outputs: whoever has it may change and delete the object. */
  readonly owner: string;
  /** The stack, random or nearly so: what it made and never recorded is its own again. */
  readonly claimant: string;
  /** The stack by where its state is: it is the same after a `destroy`. */
  readonly stack: string;
  readonly urn: string;
  /** True for a create: no state knows the owner yet. */
  readonly fresh: boolean;
  /** Whether a create takes over what belongs to somebody else. */
  readonly adopt: boolean;
}

/** Sets the variables that the functions about claims use. */
export function aboutClaim({ owner, claimant, stack, urn, adopt }: Claim): Script {
  return sh`claim_owner=${owner} claim_claimant=${claimant} claim_stack=${stack} claim_urn=${urn} claim_adopts=${adopt ? "yes" : "no"}`;
}

/**
 * Refuses with `claimed` what belongs to somebody else, and an update with `lost` what is gone. What is there without a
 * marker is a person's: a create that does not adopt runs `expectFree`, which refuses it.
 */
export function expectClaim(claim: Claim, marker: string, expectFree: Script): Script {
  if (!claim.fresh) return lines([aboutClaim(claim), sh`claim_own ${marker}`]);
  const free = claim.adopt
    ? sh`:`
    : sh`
if [ ! -e ${marker} ]; then
${expectFree}
fi
`;
  return lines([aboutClaim(claim), sh`claim_expect ${marker}`, free]);
}

/** The text of a marker: who has the object, and what else its scripts want to know. */
export function markerText(
  { owner, claimant, stack, urn, fresh, adopt }: Claim,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  const taken = fresh && adopt ? { adopts: "yes" } : {};
  return JSON.stringify({ owner, claimant, stack, urn, acknowledged: fresh ? "no" : "yes", ...taken, ...fields });
}

/** The owner in a marker; `undefined` for text that is not a marker. */
export function ownerIn(marker: string): string | undefined {
  try {
    return markerSchema.parse(JSON.parse(marker)).owner;
  } catch {
    return undefined;
  }
}

/** A random lower-case part of a name: 8 characters, about 41 bits. */
export function randomId(): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  return [...randomBytes(8)].map((byte) => alphabet[byte % alphabet.length]).join("");
}
