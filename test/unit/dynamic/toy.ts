import { z } from "zod";
import { effect, type ResourceDefinition } from "../../../provider/dynamic";

const inputs = z.object({
  name: effect("replace", z.string().min(1, "must not be empty")),
  size: effect("live", z.union([z.string(), z.number()]).transform(String).optional()),
  tags: effect("restart", z.array(z.strictObject({ key: z.string(), value: z.string().optional() })).default([])),
  secret: effect("state", z.string().max(3, "is too long").optional()),
});
export type ToyInputs = z.infer<typeof inputs>;

const outputs = z.object({ address: z.string().optional(), drift: z.record(z.string(), z.string()).optional() });
export type ToyOutputs = z.infer<typeof outputs>;

/** The smallest lifecycle with everything that the adapter knows; each test replaces the parts that it needs. */
export const toy: ResourceDefinition<ToyInputs, ToyOutputs> = {
  kind: "Toy",
  version: 2,
  inputs,
  outputs,
  computed: ({ name }) => ({ path: name }),
  uniqueKeys: ({ name }) => [`the toy "${name}"`],
  validate: (now, before) =>
    before !== undefined && before.name !== now.name ? [`"${before.name}" would be lost`] : [],
  migrate: (state, version) => (version === 1 ? { ...state, size: state.bytes } : state),
  create: async (news) => ({ id: news.name, outputs: { address: "192.0.2.1" } }),
  read: async (_id, state) => state,
  update: async () => ({ address: "192.0.2.2" }),
  delete: async () => undefined,
};
