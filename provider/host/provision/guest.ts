/** Where a guest records what a resource did in it, for root only: the record is removed together with the root. */
export const GUEST_DIRECTORY = "/var/lib/pulumi-nspawn/provision";

/** A line in the output of a step that starts with this becomes a warning of the resource. */
export const WARNING = "pulumi-nspawn-warning: ";

export function guestDirectory(owner: string): string {
  return `${GUEST_DIRECTORY}/${owner}`;
}
