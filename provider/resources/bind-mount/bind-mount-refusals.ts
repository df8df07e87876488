import { sourceRefusals } from "../../host/mounts/source-refusals";
import type { Refusals } from "../../host/refusals";

const own: Refusals = {
  "source-claimed": ([first, second]) => ({
    happened: `${first} was made by ${second}`,
    advice:
      "Leave out `create` here and use it as it is; or take it over with `adopt: true` if that resource is not used any more.",
  }),
  "source-foreign": ([first]) => ({
    happened: `there is a directory ${first} already that pulumi-nspawn did not make`,
    advice:
      "Leave out `create` and use it as it is; or take it over with `adopt: true`, which gives it this owner, group and mode.",
  }),
  "source-user": ([first]) => ({
    happened: `there is no user "${first}" there`,
    advice: "Names are those of the host, not of a guest: write the number that the guest uses, such as 1000.",
  }),
  "source-group": ([first]) => ({
    happened: `there is no group "${first}" there`,
    advice: "Names are those of the host, not of a guest: write the number that the guest uses, such as 1000.",
  }),
  "source-used": ([first, second]) => ({
    happened: `${first} is mounted in ${second.trim().split(" ").join(", ")}`,
    advice: "Stop what has it, or take the mount off those machines, and try again.",
  }),
  "source-mounted": ([first, second]) => ({
    happened: `file systems are mounted in ${first}, and would be emptied`,
    advice: "Unmount them first:",
    details: second,
  }),
  locked: () => ({
    happened: "another operation on sources of mounts holds the lock",
    advice: "Wait for it, and try again.",
  }),
};

/** What a refusal of a source's scripts means. */
export const bindMountRefusals = [own, sourceRefusals];
