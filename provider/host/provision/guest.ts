/** Where a guest keeps what a resource did in it, for root alone: it goes with the root that it tells about. */
export const GUEST_DIRECTORY = "/var/lib/pulumi-nspawn/provision";

/** A line that begins so in the output of a step becomes a warning of the resource. */
export const WARNING = "pulumi-nspawn-warning: ";

export function guestDirectory(owner: string): string {
  return `${GUEST_DIRECTORY}/${owner}`;
}
