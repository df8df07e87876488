import { randomBytes } from "node:crypto";
import { z } from "zod";

/** Where the library records on a host who created what. Outside every guest's tree. */
export const STATE_DIRECTORY = "/var/lib/pulumi-nspawn";

/** The fields that every marker on a host has. */
export const markerSchema = z.object({
  /** Random, generated at create, kept in the resource's outputs: whoever has it may change and delete the object. */
  owner: z.string(),
  /** For messages only: renames and moves change it, and two people may have the same one. */
  urn: z.string(),
});

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
