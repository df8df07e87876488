import { STATE_DIRECTORY } from "../ownership";

/** Markers, manifests and leases of networks. */
export const NETWORKS = `${STATE_DIRECTORY}/networks`;
