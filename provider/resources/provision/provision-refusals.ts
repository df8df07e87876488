import type { Refusals } from "../../host/refusals";

const REMOVE_STOPPED =
  "Look at the machine. If it is stopped (`running: false`), nothing in it is removed, and nothing keeps the removal.";

/** Explains the refusals on the host, or of the work inside. */
export const provisionRefusals: Refusals = {
  "not-running": ([first]) => ({
    happened: `the machine "${first}" does not run`,
    advice: "Set `running: true` on its NspawnMachine, or start it: the work inside needs a running system.",
  }),
  "no-bus": ([first]) => ({
    happened: `the machine "${first}" runs, but its system does not answer`,
    advice: `Check its journal: journalctl -M ${first}`,
  }),
  "guest-flood": ([first, second]) => ({
    happened: `what runs in the machine "${first}" printed more than ${second} MiB, and was ended`,
    advice: REMOVE_STOPPED,
  }),
  "not-removed": ([first, second, third]) => ({
    happened: `the removal in the machine "${first}" did not finish (exit status ${second})`,
    advice: `${REMOVE_STOPPED} The machine's own words:`,
    details: third || "(no output)",
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
    happened: `the user "${first}" could not be set up as requested`,
    advice: "Output:",
  }),
  "group-failed": ([first]) => ({
    happened: `the group "${first}" could not be created`,
    advice: "Output:",
  }),
  "keys-failed": ([first]) => ({
    happened: `the authorized_keys of "${first}" could not be written`,
    advice: "Output:",
  }),
  "fetch-failed": ([first, second]) => ({
    happened: `${first} could not be fetched, or its hash is not the pinned one`,
    advice: "If its keys have changed, check them and pin the new hash. Output:",
    details: second,
  }),
  "no-user": ([first, second]) => ({
    happened: `there is no user "${first}" inside, but ${second} must belong to it`,
    advice: "Add it to `users`, or write a number.",
  }),
  "no-group": ([first, second]) => ({
    happened: `there is no group "${first}" inside, but ${second} must belong to it`,
    advice: "Add it to `users`, or write a number.",
  }),
  directory: ([first]) => ({
    happened: `there is a directory ${first} where a file must be`,
    advice: "Remove it, or choose another path.",
  }),
  symlink: ([first, second]) => ({
    happened: `${first} leads to ${second} through a symbolic link, which is not followed`,
    advice: `Use the target path: ${second}.`,
  }),
  locked: () => ({ happened: "other work in the machine holds its lock", advice: "Wait for it, and try again." }),
};
