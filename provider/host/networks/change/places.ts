import { STATE_DIRECTORY } from "../../ownership";

/** Holds a change of the host's network until it is confirmed; there is one at a time. */
export const PENDING = `${STATE_DIRECTORY}/network-change`;

/** Rolls back an unconfirmed change: started by a timer of the same name, and at boot before the network is set up. */
export const ROLLBACK_UNIT = "pulumi-nspawn-network-rollback";
export const ROLLBACK_UNIT_FILE = `/etc/systemd/system/${ROLLBACK_UNIT}.service`;

/** Carries a change out, so that the end of an SSH session cannot interrupt it. */
export const APPLY_UNIT = "pulumi-nspawn-network-apply";

/** What a change looked like before it was rolled back, by its token; whoever made the change asks for it. */
export const ROLLED_BACK = "/run/pulumi-nspawn/rolled-back";

/** Seconds after which an unconfirmed change is rolled back. Together with the rollback itself they stay below 30. */
export const ROLLBACK_SECONDS = 20;
