import { z } from "zod";
import { effect } from "../../dynamic";
import { machineName } from "../../systemd/names";
import { guestFile } from "../guest-values";
import { hostInputs } from "../on-host";
import { timeoutsSchema } from "../timeouts";
import { repositorySchema } from "./repository-inputs";
import { stepSchema } from "./step-inputs";
import { userSchema } from "./user-inputs";

const credentialName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, {
  error: ({ input }) => `${JSON.stringify(input)} is not the name of a secret: letters, digits, dots, hyphens and _`,
});

/** Refuses a list in which two items share a value. */
function distinctBy<T>(what: string, key: (item: T) => string) {
  return (items: readonly T[], context: z.RefinementCtx) => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const name = key(item);
      if (seen.has(name))
        context.addIssue({
          code: "custom",
          path: [index, what],
          message: `${JSON.stringify(name)} is in the list twice`,
        });
      seen.add(name);
    }
  };
}

export const provisionInputs = z.object({
  ...hostInputs,
  name: effect("replace", machineName),
  machine: effect("live", z.string()),
  rootfs: effect("live", z.string()),
  users: effect(
    "live",
    z
      .array(userSchema)
      .default([])
      .superRefine(distinctBy("name", ({ name }) => name)),
  ),
  files: effect(
    "live",
    z
      .array(guestFile)
      .default([])
      .superRefine(distinctBy("path", ({ path }) => path)),
  ),
  repositories: effect(
    "live",
    z
      .array(repositorySchema)
      .default([])
      .superRefine(distinctBy("directory", ({ user, directory }) => `${user}:${directory}`)),
  ),
  steps: effect(
    "live",
    z
      .array(stepSchema)
      .default([])
      .superRefine(distinctBy("name", ({ name }) => name)),
  ),
  secrets: effect(
    "state",
    z
      .record(credentialName, z.string("a secret is text").regex(/^[^\0]*$/, "a secret cannot hold a NUL character"))
      .default({}),
  ),
  timeouts: effect("state", timeoutsSchema({ create: 1800, update: 1800, delete: 120, read: 120 })),
});
export type ProvisionInputs = z.infer<typeof provisionInputs>;

export const provisionOutputs = z.object({
  owner: z.string(),
  machineId: z.string().optional(),
  results: z.record(z.string(), z.object({ status: z.number(), output: z.string() })).optional(),
  drift: z.record(z.string(), z.string()).optional(),
});
export type ProvisionOutputs = z.infer<typeof provisionOutputs>;
export type ProvisionState = ProvisionInputs & ProvisionOutputs;
