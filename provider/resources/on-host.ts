import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Effect, effect, isRecord, type OnUnreachable, POLICIES, whenKnown } from "../dynamic";
import { type ConnectionInput, type Credentials, credentialsSchema, hostSchema, type Target } from "../remote";
import type { DeepInput } from "./deep-input";

/** A host as plain JSON, as resources on it and stack references carry it. It never contains a secret. */
export interface HostRef {
  /** How to reach the host. */
  readonly connection: ConnectionInput;
  /** The identity of the host, for example the ID of its VM. A change recreates everything on it. @default none */
  readonly instance?: string;
  /** What to do if the host cannot be reached. @default "fail" */
  readonly onUnreachable?: OnUnreachable;
  /** How many operations run on the host at the same time, 1 to 9. @default 6 */
  readonly parallel?: number;
  /**
   * Whose work on the host is one's own although no state recorded it: random, made by the `Host`.
   * @default derived from the stack
   */
  readonly claimant?: string;
}

/** What a `Host` resource passes on. Any object of this shape is accepted as a host. */
type HostLike = pulumi.Resource & {
  readonly ref: pulumi.Output<HostRef>;
  readonly credentials: pulumi.Output<Credentials | undefined>;
};

/**
 * A host as users write it: the resource, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5),
 * `"local"`.
 */
export type HostInput = HostLike | DeepInput<HostRef> | DeepInput<ConnectionInput> | string;

const hostRefSchema = z.strictObject(
  {
    connection: hostSchema,
    instance: z.string().min(1).optional(),
    onUnreachable: z.enum(POLICIES).default("fail"),
    parallel: z.int().min(1).max(9).optional(),
    claimant: z
      .string()
      .regex(/^[a-z0-9]{8,64}$/, "write 8 to 64 lower-case letters and digits")
      .optional(),
  },
  { error: ({ code }) => (code === "invalid_type" ? NO_HOST : undefined) },
);
const NO_HOST = 'give a Host, its ref, a connection, "ssh://user@host:port", an alias of ssh_config(5), or "local"';

/** Another host replaces everything on it; another claimant matters only to what is created from now on. */
function effectOfHost(before: unknown, after: unknown): Effect | undefined {
  if (instanceOf(before) !== instanceOf(after)) return "replace";
  return isDeepStrictEqual(withoutClaimant(before), withoutClaimant(after)) ? undefined : "state";
}

/** Inputs of every resource that lives on a host. */
export const hostInputs = {
  host: effect(effectOfHost, hostRefSchema),
  // Written back even when empty: a missing output, with all that depends on it, is unknown in every preview.
  credentials: effect("state", credentialsSchema.default({})),
};

/** Inputs that every resource on a host has. */
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

/** The two inputs that a host becomes. Credentials given next to it override the `Host`'s. */
export function hostInput(
  host: pulumi.Input<HostInput>,
  credentials?: DeepInput<Credentials>,
): { host: unknown; credentials: unknown } {
  const own = credentials === undefined ? undefined : pulumi.secret(credentials);
  // Nearly all hosts are like this, and in a large program each Output in between costs noticeable time.
  if (isHostLike(host)) return { host: host.ref, credentials: own ?? host.credentials };
  return { host: whenKnown(host, refOf), credentials: own ?? whenKnown(host, credentialsOf) };
}

function credentialsOf(value: unknown): unknown {
  return isHostLike(value) ? value.credentials : undefined;
}

function refOf(value: unknown): unknown {
  if (isHostLike(value)) return value.ref;
  if (isRecord(value) && "connection" in value) return { ...value, connection: connectionOf(value.connection) };
  return value === undefined || value === null ? value : { connection: connectionOf(value) };
}

/** A host that is written as text becomes a connection here, and the check refuses what is none. */
export function connectionOf(value: unknown): unknown {
  return typeof value === "string" ? (hostSchema.safeParse(value).data ?? value) : value;
}

function isHostLike(value: unknown): value is HostLike {
  return pulumi.Resource.isInstance(value) && "ref" in value && "credentials" in value;
}

function instanceOf(host: unknown): unknown {
  return isRecord(host) ? host.instance : undefined;
}

function withoutClaimant(host: unknown): unknown {
  if (!isRecord(host)) return host;
  const { claimant: _claimant, ...rest } = host;
  return rest;
}
