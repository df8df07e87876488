import { isRecord } from "./unknown";

/** What to do if a host cannot be reached. */
export const POLICIES = ["fail", "skip", "forget"] as const;
export type OnUnreachable = (typeof POLICIES)[number];

let configured: OnUnreachable | undefined;

/** Stores `pulumi-nspawn:onUnreachable` from the stack's configuration. */
export function setPolicy(value: string | undefined): void {
  configured = POLICIES.find((policy) => policy === value);
}

/** The environment overrides the configuration, and both override the state, so that no state can strand anyone. */
export function policyFor(state: Record<string, unknown>): OnUnreachable {
  const environment = process.env.PULUMI_NSPAWN_ON_UNREACHABLE;
  const host = isRecord(state.host) ? state.host : state;
  return (
    [environment, configured, host.onUnreachable].flatMap((word) => POLICIES.filter((p) => p === word))[0] ?? "fail"
  );
}
