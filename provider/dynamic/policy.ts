import { isRecord } from "./unknown";

/** What happens where a host cannot be reached. */
export const POLICIES = ["fail", "skip", "forget"] as const;
export type OnUnreachable = (typeof POLICIES)[number];

let configured: OnUnreachable | undefined;

/** Takes `pulumi-nspawn:onUnreachable` of the stack's configuration. */
export function setPolicy(value: string | undefined): void {
  configured = POLICIES.find((policy) => policy === value);
}

/** The environment's word beats the configuration's, and both beat the state's, so that no state can strand anyone. */
export function policyFor(state: Record<string, unknown>): OnUnreachable {
  const environment = process.env.PULUMI_NSPAWN_ON_UNREACHABLE;
  const host = isRecord(state.host) ? state.host : state;
  return (
    [environment, configured, host.onUnreachable].flatMap((word) => POLICIES.filter((p) => p === word))[0] ?? "fail"
  );
}
