import type { Claim } from "../../../../provider/host/ownership";

/** A claim of a create, with what a test says differently. */
export function claim(more: Partial<Claim> = {}): Claim {
  return {
    owner: "me",
    claimant: "mystack1",
    stack: `stack of ${more.claimant ?? "mystack1"}`,
    urn: "urn:x",
    fresh: true,
    adopt: false,
    ...more,
  };
}
