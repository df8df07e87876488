import { z } from "zod";
import { effect } from "../../dynamic";
import { machineName } from "../../systemd/names";
import { authorizedKey, guestFile } from "../guest-values";
import { hostInputs } from "../on-host";
import { timeoutsSchema } from "../timeouts";
import * as values from "./rootfs-values";

const distinct = (items: readonly string[]) => [...new Set(items)];

/** Changing from the default to a value or back replaces nothing, because only the host knows whether they differ. */
const replaceKnown = (before: unknown, after: unknown) =>
  before === undefined || after === undefined ? "live" : "replace";

export const rootfsInputs = z.object({
  ...hostInputs,
  name: effect("replace", machineName),
  suite: effect("replace", values.suite.default(values.DEFAULT_SUITE)),
  arch: effect(replaceKnown, values.architecture.optional()),
  variant: effect("replace", values.variant.default("minbase")),
  packages: effect("reinstall", values.packages.default([])),
  components: effect(
    "state",
    z.array(values.component).min(1, "at least main is needed").default(["main"]).transform(distinct),
  ),
  mirrors: effect(
    "state",
    z.array(values.mirror).min(1, "leave it out for the host's own mirrors").transform(distinct).optional(),
  ),
  keyring: effect("state", values.keyring.optional()),
  builder: effect("state", values.builder.default("auto")),
  hostname: effect("live", values.hostname.optional()),
  locale: effect("live", values.locale.optional()),
  timezone: effect("live", values.timezone.optional()),
  rootPassword: effect("live", values.password.optional()),
  authorizedKeys: effect("live", z.array(authorizedKey).transform(distinct).optional()),
  files: effect("live", z.array(guestFile).default([]).superRefine(onePathEach)),
  setup: effect("state", values.setupScript.optional()),
  cache: effect("state", values.cache.default(true)),
  dataLoss: effect("state", z.enum(["refuse", "allow"], "write refuse or allow").default("refuse")),
  adopt: effect("state", z.boolean("adopt is true or false").default(false)),
  timeouts: effect("state", timeoutsSchema({ create: 1800, update: 1800, delete: 300, read: 120 })),
});
export type RootfsInputs = z.infer<typeof rootfsInputs>;

function onePathEach(files: readonly { readonly path: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { path }] of files.entries()) {
    if (seen.has(path))
      context.addIssue({
        code: "custom",
        path: [index, "path"],
        message: `${JSON.stringify(path)} is in the list twice`,
      });
    seen.add(path);
  }
}

export const rootfsOutputs = z.object({
  /** Random, and new for each root of this name. */
  generation: z.string(),
  owner: z.string(),
  /** The host's machine-id(5). */
  machineId: z.string(),
  architecture: z.string(),
  builtWith: z.string(),
  cacheKey: z.string(),
  osRelease: z.object({ prettyName: z.string(), versionId: z.string(), codename: z.string() }),
  installedPackages: z.record(z.string(), z.string()),
  drift: z.record(z.string(), z.string()).optional(),
});
export type RootfsOutputs = z.infer<typeof rootfsOutputs>;
export type RootfsState = RootfsInputs & RootfsOutputs;

/** Older bases are rebuilt, so that a new machine has the security updates of the last week. */
const DEFAULT_MAX_AGE_DAYS = 7;

export function maxAgeDaysOf(cache: RootfsInputs["cache"]): number {
  return typeof cache === "object" ? cache.maxAgeDays : DEFAULT_MAX_AGE_DAYS;
}
