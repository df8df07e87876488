import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Effect, isRecord, messageOfIssue } from "../../dynamic";
import { absolutePath } from "../../systemd/paths";
import { sizeSchema } from "../../systemd/size";
import { bindSpec } from "./bind-spec";
import { targetSchema } from "./targets";

const tmpfs = z.strictObject({
  tmpfs: targetSchema,
  size: sizeSchema.optional(),
  mode: z
    .string('a mode is text such as "1777"')
    .regex(/^[0-7]{3,4}$/, 'is not a mode: write octal digits such as "1777"')
    .default("0755"),
});

const inaccessible = z.strictObject({ inaccessible: targetSchema });

/** systemd-nspawn puts the paths into the options of the mount as they are, where these characters mean something. */
const layer = absolutePath.refine((path) => !/[,:"\\]/.test(path), {
  error: ({ input }) =>
    `${JSON.stringify(input)} cannot be a layer of an overlay, because of a comma, a colon, a quotation mark or a backslash in it`,
});

const overlay = z.strictObject({
  overlay: z.array(layer).min(2, "an overlay needs at least two directories: the lowest first, the top last"),
  target: targetSchema,
  readOnly: z.boolean("readOnly is true or false").default(false),
  exposeHost: z.boolean("exposeHost is true or false").default(false),
});

const KINDS = { bind: bindSpec, tmpfs, inaccessible, overlay };

export type Mount = z.infer<(typeof KINDS)[keyof typeof KINDS]>;

/** One mount, of the kind whose key it has, so that its errors concern only this kind. */
const mount = z.unknown().transform((value, context): Mount => {
  const kind = isRecord(value) ? Object.entries(KINDS).find(([key]) => key in value)?.[1] : undefined;
  if (kind === undefined) {
    const message = "is not a mount: give a BindMount, or an object with tmpfs, inaccessible or overlay";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }
  const { data, error } = kind.safeParse(value, { error: messageOfIssue });
  if (data !== undefined) return data;
  for (const { path, message } of error.issues) context.addIssue({ code: "custom", path: [...path], message });
  return z.NEVER;
});

/** A machine's mounts in the order in which systemd-nspawn mounts them: by target, whatever the given order. */
export const mountsSchema = z
  .array(mount)
  .superRefine((mounts, context) => {
    const targets = mounts.map(targetOf);
    for (const [index, target] of targets.entries()) {
      if (targets.indexOf(target) === index) continue;
      const message = `${JSON.stringify(target)} is also the target of another mount: the machine would see only one of them.`;
      context.addIssue({ code: "custom", path: [index], message });
    }
  })
  .transform((mounts) => mounts.toSorted((one, other) => (targetOf(one) < targetOf(other) ? -1 : 1)));

/** The target of a mount in the guest. */
function targetOf(mount: Mount): string {
  if ("bind" in mount) return mount.bind.target;
  if ("tmpfs" in mount) return mount.tmpfs;
  return "inaccessible" in mount ? mount.inaccessible : mount.target;
}

/** Keys that only record where a mount comes from, or that it is allowed. The machine does not depend on them. */
const BOOKKEEPING = ["host", "id", "exposeHost"];

/** systemd-nspawn mounts only at the start. */
export function mountsEffect(before: unknown, after: unknown): Effect {
  return isDeepStrictEqual(withoutBookkeeping(before), withoutBookkeeping(after)) ? "state" : "restart";
}

function withoutBookkeeping(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBookkeeping);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !BOOKKEEPING.includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutBookkeeping(inner)]));
}
