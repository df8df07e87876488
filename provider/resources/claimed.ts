/**
 * Advice about an object that another resource claims. A resource with another name or parent has another URN, so it is
 * created, unless Pulumi knows that it is the same one.
 */
export function adviceOnClaim(otherwise: string, takeOver = "take it over with `adopt: true`"): string {
  return (
    "If that is this resource before it got another name or parent, add `aliases: [URN]` with that URN to its options " +
    `(in a component, to those of the component). ${otherwise}, or ${takeOver} if that resource is no longer used.`
  );
}
