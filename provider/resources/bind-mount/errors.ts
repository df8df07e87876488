import { explainOtherHost } from "../../host/identity";
import { explainSourceError } from "../../host/mounts/sources";
import { HostError, RefusedError } from "../../remote";

/** What a refusal of a source's scripts means to a user; any other error as it is. */
export function explainBindMountError(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const [first = "", second = ""] = error.values;
  const explain = (happened: string, advice: string, details?: string) =>
    new HostError({ ...error.parts, happened, advice, ...(details && { details }), cause: error });
  switch (error.code) {
    case "source-claimed":
      return explain(
        `${first} was made by ${second}`,
        "Leave out `create` here and use it as it is; or take it over with `adopt: true` if that resource is not used any more.",
      );
    case "source-foreign":
      return explain(
        `there is a directory ${first} already that pulumi-nspawn did not make`,
        "Leave out `create` and use it as it is; or take it over with `adopt: true`, which gives it this owner, group and mode.",
      );
    case "source-user":
    case "source-group":
      return explain(
        `there is no ${error.code.slice("source-".length)} "${first}" there`,
        "Names are those of the host, not of a guest: write the number that the guest uses, such as 1000.",
      );
    case "source-used":
      return explain(
        `${first} is mounted in ${second.trim().split(" ").join(", ")}`,
        "Stop what has it, or take the mount off those machines, and try again.",
      );
    case "source-mounted":
      return explain(`file systems are mounted in ${first}, and would be emptied`, "Unmount them first:", second);
    case "locked":
      return explain("another operation on sources of mounts holds the lock", "Wait for it, and try again.");
    default:
      return explainSourceError(explainOtherHost(error));
  }
}
