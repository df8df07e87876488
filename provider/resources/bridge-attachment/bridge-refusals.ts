import { bridgeRefusals } from "../../host/networks/bridges";
import type { Refusals } from "../../host/refusals";
import { adviceOnClaim } from "../claimed";

const own: Refusals = {
  claimed: ([first]) => ({
    happened: `the bridge there belongs to ${first}`,
    advice: adviceOnClaim("Otherwise leave `create` out to use it as it is"),
  }),
  foreign: () => ({
    happened: "there is an interface of that name already that pulumi-nspawn did not make",
    advice: "Leave `create` out to use it as it is, or choose another name.",
  }),
  "in-use": ([first]) => ({ happened: "it is in use", advice: "Detach these first:", details: first }),
  locked: () => ({
    happened: "another change of the host's network is in progress",
    advice: "Wait for it, and try again.",
  }),
  "network-change-pending": () => ({
    happened: "another change of the host's network is in progress",
    advice: "Wait for it, and try again.",
  }),
};

/** Explains the refusals of the bridge's scripts. */
export const bridgeAttachmentRefusals = [own, bridgeRefusals];
