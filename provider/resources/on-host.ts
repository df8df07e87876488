import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { effect, isRecord, type OnUnreachable, POLICIES } from "../dynamic";
import {
  type ConnectionInput,
  type Credentials,
  connectionSchema,
  credentialsSchema,
  parseHost,
  type Target,
} from "../remote";
import type { DeepInput } from "./deep-input";

/** A host as plain JSON, as resources on it and stack references carry it; it never holds a secret. */
export interface HostRef {
  /** How the host is reached. */
  readonly connection: ConnectionInput;
  /** What makes the host another one, for example the id of the VM: a change replaces everything on it. @default none */
  readonly instance?: string;
  /** What happens where the host cannot be reached. @default "fail" */
  readonly onUnreachable?: OnUnreachable;
  /** How many operations run on the host at once, 1 to 9. @default 6 */
  readonly parallel?: number;
}

/** What a `Host` resource hands on; any object of this shape is accepted where a host is. */
type HostLike = pulumi.Resource & {
  readonly ref: pulumi.Output<HostRef>;
  readonly credentials: pulumi.Output<Credentials | undefined>;
};

/** A host as users write it: the resource, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), `"local"`. */
export type HostInput = HostLike | DeepInput<HostRef> | DeepInput<ConnectionInput> | string;

const hostRefSchema = z.strictObject({
  connection: connectionSchema,
  instance: z.string().min(1).optional(),
  onUnreachable: z.enum(POLICIES).default("fail"),
  parallel: z.int().min(1).max(9).optional(),
});

/** Inputs of every resource that lives on a host. */
export const hostInputs = {
  host: effect((before, after) => (instanceOf(before) === instanceOf(after) ? "state" : "replace"), hostRefSchema),
  // Written back even when empty: an output that is missing is unknown in every preview, and all that hangs on it.
  credentials: effect("state", credentialsSchema.default({})),
};

/** What every resource on a host has among its inputs. */
export interface OnHost {
  readonly host: z.infer<typeof hostRefSchema>;
  readonly credentials?: Credentials | undefined;
}

/** How `remote/` names the host of a resource. */
export function targetOf({ host, credentials }: OnHost): Target {
  return {
    connection: host.connection,
    ...(credentials && { credentials }),
    ...(host.parallel && { parallel: host.parallel }),
  };
}

/** The two inputs that a host becomes; credentials given beside it beat those of a `Host`. */
export function hostInput(
  host: pulumi.Input<HostInput>,
  credentials?: DeepInput<Credentials>,
): { host: pulumi.Output<HostRef>; credentials: pulumi.Output<Credentials | undefined> } {
  const own = credentials === undefined ? undefined : pulumi.secret(credentials);
  // Nearly all of them: each Output in between is noticed in a large program.
  if (isHostLike(host)) return { host: host.ref, credentials: own ?? host.credentials };
  const given = pulumi.output(host);
  return {
    host: given.apply((value) => refOf(value)),
    credentials: own ?? given.apply((value) => credentialsOf(value)),
  };
}

function credentialsOf(value: unknown): pulumi.Output<Credentials | undefined> {
  return isHostLike(value) ? value.credentials : pulumi.output(undefined);
}

function refOf(value: pulumi.Unwrap<HostInput>): pulumi.Output<HostRef> {
  if (isHostLike(value)) return value.ref;
  if (typeof value === "string") return pulumi.output({ connection: parseHost(value) });
  return pulumi.output("connection" in value ? value : { connection: value });
}

function isHostLike(value: unknown): value is HostLike {
  return pulumi.Resource.isInstance(value) && "ref" in value && "credentials" in value;
}

function instanceOf(host: unknown): unknown {
  return isRecord(host) ? host.instance : undefined;
}
