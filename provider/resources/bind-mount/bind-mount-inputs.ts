import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { effect, isRecord } from "../../dynamic";
import { bindInputs } from "../attachments/bind-spec";
import { hostInputs } from "../on-host";
import { timeoutsSchema } from "../timeouts";

const quoted = (value: unknown) => JSON.stringify(value) ?? "nothing";

const isAccount = (value: number | string) =>
  typeof value === "string" ? /^[a-z_][a-z0-9_-]*\$?$/.test(value) : value >= 0 && value < 2 ** 32 - 1;

/** A user or group of the host: a number, or a name that Debian's useradd(8) accepts. */
const account = z.union([z.int(), z.string()], { error: badAccount }).refine(isAccount, { error: badAccount });

function badAccount({ input }: { readonly input?: unknown }): string {
  return `${quoted(input)} is not a user or group: write a number such as 1000, or a name from the host`;
}

const create = z.strictObject(
  {
    owner: account.default(0),
    group: account.default(0),
    mode: z
      .string('a mode is text such as "0755"')
      .regex(/^[0-7]{3,4}$/, {
        error: ({ input }) => `${quoted(input)} is not a mode: write octal digits such as "0755"`,
      })
      .transform((mode) => mode.padStart(4, "0"))
      .default("0755"),
    removeData: z.boolean("removeData is true or false").default(false),
  },
  {
    error: ({ code }) =>
      code === "invalid_type" ? "write true, or an object of owner, group, mode and removeData" : undefined,
  },
);

function spelledOut(value: unknown): unknown {
  if (value === true) return {};
  return value === false ? undefined : value;
}

/** An input that only matters at removal is just recorded. */
const createEffect = (before: unknown, after: unknown) =>
  isDeepStrictEqual(withoutRemoval(before), withoutRemoval(after)) ? "state" : "live";

function withoutRemoval(value: unknown): unknown {
  return isRecord(value) ? { ...value, removeData: undefined } : value;
}

export const bindMountInputs = z.object({
  ...hostInputs,
  source: effect("replace", bindInputs.source),
  target: effect("state", bindInputs.target),
  readOnly: effect("state", bindInputs.readOnly),
  recursive: effect("state", bindInputs.recursive),
  ownership: effect("state", bindInputs.ownership),
  exposeHost: effect("state", bindInputs.exposeHost),
  create: effect(createEffect, z.preprocess(spelledOut, create.optional()).optional()),
  adopt: effect("state", z.boolean("adopt is true or false").default(false)),
  timeouts: effect("state", timeoutsSchema({ create: 120, update: 120, delete: 300, read: 120 })),
});
export type BindMountInputs = z.infer<typeof bindMountInputs>;

export const bindMountOutputs = z.object({
  owner: z.string(),
  machineId: z.string().optional(),
  /** Where links in the source's path lead. */
  leadsTo: z.string().optional(),
  drift: z.record(z.string(), z.string()).optional(),
});
export type BindMountOutputs = z.infer<typeof bindMountOutputs>;
