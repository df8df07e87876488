import { answerLeftovers, describeLeftover, type Leftover, leftoversIn, removeLeftover } from "../host/leftovers";
import type { Refusals } from "../host/refusals";
import { RefusedError } from "../remote";
import { removeBridge } from "./bridge-attachment/bridge-change";
import { parseMarker } from "./bridge-attachment/uplink";
import type { Operation } from "./operation";

/** Explains why something that a killed run left cannot be removed; other resources than its own know less of it. */
export const leftoverRefusals: Refusals = {
  "in-use": ([first]) => ({
    happened: `it is in use by ${first.trim().split(/\s+/).join(", ")}`,
    advice: "Stop or remove that, and try again.",
  }),
  "image-busy": ([first]) => ({
    happened: `a systemd-nspawn process uses ${first}`,
    advice: "Stop it and try again; find it with `ps -C systemd-nspawn`.",
  }),
  "image-mounted": ([first, second]) => ({
    happened: `file systems are mounted in ${first}`,
    advice: "Unmount them and try again:",
    details: second,
  }),
};

/** Removes what killed runs of the operation's stack left on its host. */
export async function removeLeftovers<Inputs>(
  operation: Operation<Inputs>,
  isWanted: (leftover: Leftover) => boolean = () => true,
): Promise<void> {
  const claim = operation.claimOf("", { fresh: false });
  const found = leftoversIn(await operation.run("look for what is left before removing", answerLeftovers(claim)));
  for (const leftover of found.filter(isWanted)) {
    operation.progress(`removing ${describeLeftover(leftover)}, which an interrupted run left`);
    await remove(leftover, operation);
    operation.warn(
      `${describeLeftover(leftover)} was left by an interrupted run, unknown to any state. It is removed too.`,
    );
  }
}

async function remove<Inputs>(leftover: Leftover, operation: Operation<Inputs>): Promise<void> {
  const { kind, name, owner, marker } = leftover;
  const verb = `remove ${describeLeftover(leftover)} (left by an interrupted run) before`;
  if (kind !== "bridges") {
    await operation.run(verb, removeLeftover(leftover, operation.claimOf(owner, { fresh: false })), { retry: false });
    return;
  }
  const { uplink = "" } = parseMarker(marker)?.origin ?? {};
  await removeBridge({ bridge: name, owner, uplink }, operation);
}

/**
 * Removes something. If a machine is in the way that a killed run left, and that no state knows, removes that first:
 * nobody else would.
 */
export async function removePastLeftovers<Inputs>(
  operation: Operation<Inputs>,
  removal: () => Promise<void>,
): Promise<void> {
  try {
    await removal();
  } catch (error) {
    const users = usersIn(error);
    const isUser = ({ kind, name }: Leftover) => kind === "machines" && users.has(name);
    if (users.size === 0) throw error;
    // Even if nothing is left: the removal of another resource may just have removed it.
    await removeLeftovers(operation, isUser);
    await removal();
  }
}

/** Which value of a refusal lists the machines that are in the way, by its code. */
const USERS: Readonly<Record<string, number>> = { "in-use": 0, "source-used": 1 };

/** The machines that something could not be removed for. */
function usersIn(error: unknown): ReadonlySet<string> {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof RefusedError)) return new Set();
  const text = cause.values[USERS[cause.code] ?? -1] ?? "";
  const words = text.split(/\s+/).filter((word) => word !== "");
  return new Set(words.map((word) => word.replace(/^systemd-nspawn@(.*)\.service$/, "$1")));
}
