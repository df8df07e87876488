import { sourceRefusals } from "../../host/mounts/source-refusals";
import type { Refusals } from "../../host/refusals";
import { adviceOnClaim } from "../claimed";
import type { BindMountInputs } from "./bind-mount-inputs";

const own: Refusals<BindMountInputs> = {
  claimed: ([first], { source }) => ({
    happened: `${source} was created by ${first}`,
    advice: adviceOnClaim("Otherwise leave out `create` to use it as it is"),
  }),
  "source-foreign": ([first]) => ({
    happened: `there is a directory ${first} already that pulumi-nspawn did not make`,
    advice:
      "Leave out `create` to use it as it is, or take it over with `adopt: true`, which sets this owner, group and mode.",
  }),
  "source-user": ([first]) => ({
    happened: `the host has no user "${first}"`,
    advice: "Names are looked up on the host, not in a guest. Write the number that the guest uses, such as 1000.",
  }),
  "source-group": ([first]) => ({
    happened: `the host has no group "${first}"`,
    advice: "Names are looked up on the host, not in a guest. Write the number that the guest uses, such as 1000.",
  }),
  "source-used": ([first, second]) => ({
    happened: `${first} is mounted in ${second.trim().split(" ").join(", ")}`,
    advice: "Stop whatever uses it, or remove the mount from those machines, and try again.",
  }),
  "source-mounted": ([first, second]) => ({
    happened: `file systems are mounted below ${first}, and would be emptied`,
    advice: "Unmount them first:",
    details: second,
  }),
  locked: () => ({
    happened: "another operation on mount sources holds the lock",
    advice: "Wait for it, and try again.",
  }),
};

/** Explains the refusals of the scripts for sources. */
export const bindMountRefusals = [own, sourceRefusals];
