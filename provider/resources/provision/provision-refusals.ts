import type { Refusals } from "../../host/refusals";

/** What a refusal on the host, or of the work inside, means. */
export const provisionRefusals: Refusals = {
  "not-running": ([first]) => ({
    happened: `the machine "${first}" does not run`,
    advice: "Set `running: true` on its NspawnMachine, or start it: what is done inside needs its system.",
  }),
  "no-bus": ([first]) => ({
    happened: `the machine "${first}" runs, but its system does not answer`,
    advice: `Look at its journal: journalctl -M ${first}`,
  }),
  "no-package": ([first, second]) => ({
    happened: `${second} needs the package ${first}, and the machine does not have it`,
    advice: `Add it to \`packages\` of its DebianRootfs: ${first}.`,
  }),
  "no-shell": ([first, second]) => ({
    happened: `there is no ${second}, the shell of the user "${first}"`,
    advice: "Add its package to `packages` of the DebianRootfs, or write another `shell`.",
  }),
  "user-failed": ([first]) => ({
    happened: `the user "${first}" could not be made as it should be`,
    advice: "What was printed:",
  }),
  "group-failed": ([first]) => ({
    happened: `the group "${first}" could not be made`,
    advice: "What was printed:",
  }),
  "keys-failed": ([first]) => ({
    happened: `the authorized_keys of "${first}" could not be written`,
    advice: "What was printed:",
  }),
  "fetch-failed": ([first, second]) => ({
    happened: `${first} could not be fetched, or has another hash than the one that is pinned`,
    advice: "If its keys have changed, look at them and pin the new hash. What was printed:",
    details: second,
  }),
  "no-user": ([first, second]) => ({
    happened: `there is no user "${first}" inside, and ${second} shall belong to it`,
    advice: "Add it to `users`, or write a number.",
  }),
  "no-group": ([first, second]) => ({
    happened: `there is no group "${first}" inside, and ${second} shall belong to it`,
    advice: "Add it to `users`, or write a number.",
  }),
  directory: ([first]) => ({
    happened: `there is a directory ${first} where a file shall be`,
    advice: "Remove it, or choose another path.",
  }),
  symlink: ([first, second]) => ({
    happened: `${first} leads to ${second} by a symbolic link, which is not followed`,
    advice: `Write the path that is meant: ${second}.`,
  }),
  locked: () => ({ happened: "other work in the machine holds its lock", advice: "Wait for it, and try again." }),
};
