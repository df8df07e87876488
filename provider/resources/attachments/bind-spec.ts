import { z } from "zod";
import { absolutePath } from "../../systemd/paths";
import { targetSchema } from "./targets";

/**
 * Options of `Bind=` (systemd-nspawn(1), `--bind=`) by their own names, `none` for noidmap, and a default by machine.
 */
export const OWNERSHIPS = ["auto", "none", "idmap", "rootidmap", "owneridmap"] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/** How a source is mounted. A `BindMount` and its spec share these. */
export const bindInputs = {
  source: absolutePath,
  target: targetSchema,
  readOnly: z.boolean("readOnly is true or false").default(false),
  recursive: z.boolean("recursive is true or false").default(false),
  ownership: z.enum(OWNERSHIPS, `write one of ${OWNERSHIPS.join(", ")}`).default("auto"),
  exposeHost: z.boolean("exposeHost is true or false").default(false),
};

/** What a `BindMount` passes to a machine. */
export const bindSpec = z.strictObject({
  bind: z.strictObject({ host: z.string(), id: z.string(), ...bindInputs }),
});
export type Bind = z.infer<typeof bindSpec>["bind"];

/** A `BindMount` as plain JSON, as machines and stack references take it. It is passed on as it is. */
export type BindMountRef = z.input<typeof bindSpec>;
