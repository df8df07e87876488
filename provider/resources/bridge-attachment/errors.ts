import { explainOtherHost } from "../../host/identity";
import { explainBridgeRefusal } from "../../host/networks/bridges";
import { HostError, RefusedError } from "../../remote";

/** What a refusal of the bridge's scripts means to a user; any other error as it is. */
export function explainBridgeError(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const [first = ""] = error.values;
  const explain = (happened: string, advice: string, details?: string) =>
    new HostError({ ...error.parts, happened, advice, ...(details && { details }), cause: error });
  switch (error.code) {
    case "claimed":
      return explain(
        `the bridge there belongs to ${first}`,
        "Leave `create` out to use it as it is, or take it over with `adopt: true` if that resource is not used any more.",
      );
    case "foreign":
      return explain(
        "there is an interface of that name already that pulumi-nspawn did not make",
        "Leave `create` out to use it as it is, or choose another name.",
      );
    case "in-use":
      return explain("it is in use", "Take these off it first:", first);
    case "locked":
    case "network-change-pending":
      return explain("another change of the network is under way there", "Wait for it, and try again.");
    default:
      return explainBridgeRefusal(error) ?? explainOtherHost(error);
  }
}
