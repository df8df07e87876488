import { randomBytes } from "node:crypto";
import { z } from "zod";

/** Where the library keeps what it must remember on a host: who made what. Outside every guest's tree. */
export const STATE_DIRECTORY = "/var/lib/pulumi-nspawn";

/** The part that every marker on a host has. */
export const markerSchema = z.object({
  /** Random, made at create, kept in the resource's outputs: who holds it may change and delete the object. */
  owner: z.string(),
  /** For messages only: renames and moves change it, and two people may have the same one. */
  urn: z.string(),
});

/** Whose a marker is; `undefined` for text that is none. */
export function ownerIn(marker: string): string | undefined {
  try {
    return markerSchema.parse(JSON.parse(marker)).owner;
  } catch {
    return undefined;
  }
}

/** A random lower-case name part: 8 characters, about 41 bits. */
export function randomId(): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  return [...randomBytes(8)].map((byte) => alphabet[byte % alphabet.length]).join("");
}
