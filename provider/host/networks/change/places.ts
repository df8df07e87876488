import { STATE_DIRECTORY } from "../../ownership";

/** Where a change of the host's network is kept until it is confirmed; there is one at a time. */
export const PENDING = `${STATE_DIRECTORY}/network-change`;

/** Rolls back what was not confirmed: started by a timer of the same name, and by a boot before the network is set up. */
export const ROLLBACK_UNIT = "pulumi-nspawn-network-rollback";
export const ROLLBACK_UNIT_FILE = `/etc/systemd/system/${ROLLBACK_UNIT}.service`;

/** Carries a change out, so that the end of an SSH session cannot end it half-way. */
export const APPLY_UNIT = "pulumi-nspawn-network-apply";

/** What a change that was rolled back looked like, by its token; whoever made it asks for it. */
export const ROLLED_BACK = "/run/pulumi-nspawn/rolled-back";

/** Seconds after which a change that nobody confirmed is rolled back. With the way back itself they stay below 30. */
export const ROLLBACK_SECONDS = 20;
