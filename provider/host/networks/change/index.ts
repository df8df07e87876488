import { setTimeout as pause } from "node:timers/promises";
import {
  type Answer,
  describeHost,
  HostError,
  lines,
  RefusedError,
  run,
  type Script,
  type Target,
} from "../../../remote";
import { armChange } from "./arm";
import { confirmChange } from "./confirm";
import type { NetworkChange } from "./network-change";
import { ROLLBACK_SECONDS } from "./places";

export type { NetworkChange } from "./network-change";

export interface ChangeOptions {
  readonly attempt: string;
  /** Put in front of every script: checks that the right host answers. */
  readonly identify: Script;
  readonly timeoutSeconds: number;
  readonly onAnswer: (answer: Answer) => void;
}

/** How long to wait for the host beyond its rollback: it may have been rebooted meanwhile. */
const BACK_SECONDS = 160;
/** The change is carried out half a second after it is armed. */
const FIRST_MS = 1000;
const PAUSE_MS = 1000;
const CONFIRM_SECONDS = 10;

/**
 * Changes the network of a host in such a way that the host cannot be lost: it rolls the change back automatically
 * unless a new connection, opened after the change, confirms it.
 *
 * @throws HostError if it was rolled back, with the reason.
 */
export async function changeNetwork(target: Target, change: NetworkChange, options: ChangeOptions): Promise<Answer[]> {
  const { attempt, identify, timeoutSeconds, onAnswer } = options;
  const armed = await run(target, lines([identify, armChange(change)]), {
    attempt,
    timeoutSeconds,
    onAnswer,
    retry: true,
  });
  if (armed.some((answer) => answer.key === "unchanged")) return armed;
  onAnswer({ key: "progress", values: ["waiting for the host to answer with its new network"] });
  await confirm(target, lines([identify, confirmChange(change)]), attempt);
  return armed;
}

async function confirm(target: Target, script: Script, attempt: string): Promise<void> {
  const deadline = performance.now() + (ROLLBACK_SECONDS + BACK_SECONDS) * 1000;
  const options = { attempt, timeoutSeconds: CONFIRM_SECONDS, newConnection: true };
  let last: HostError | undefined;
  await pause(FIRST_MS);
  for (;;) {
    try {
      await run({ ...target, parallel: 9 }, script, options);
      return;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error instanceof RefusedError && error.code === "rolled-back") throw rolledBack(error, last);
      if (performance.now() > deadline) throw lost(target, attempt, error);
      last = error;
    }
    await pause(PAUSE_MS);
  }
}

function rolledBack(error: RefusedError, last: HostError | undefined): HostError {
  const [why = "", ...seen] = (error.values[0] ?? "").split("\n");
  const happened =
    why === "boot"
      ? "the host was rebooted before the change was confirmed, and came up with its old network"
      : `the host's new network could not be confirmed within ${ROLLBACK_SECONDS} s (${reasonOf(last)}), and the host rolled back to its old one by itself`;
  return new HostError({
    ...error.parts,
    happened,
    advice: "Nothing has changed there.",
    details: seen.join("\n").trim() && `Its new network before the rollback:\n${seen.join("\n").trim()}`,
    cause: last ?? error,
  });
}

function reasonOf(last: HostError | undefined): string {
  if (last === undefined) return "no answer";
  return last instanceof RefusedError && last.code === "not-in-order" ? (last.values[0] ?? "") : last.parts.happened;
}

function lost(target: Target, attempt: string, last: HostError): HostError {
  return new HostError({
    attempted: attempt,
    host: describeHost(target.connection),
    happened: `the host has not answered for ${ROLLBACK_SECONDS + BACK_SECONDS} s since its network was changed (${reasonOf(last)})`,
    advice:
      `It should have rolled the change back by itself after ${ROLLBACK_SECONDS} s. Look at its console: ` +
      "journalctl -u pulumi-nspawn-network-apply -u pulumi-nspawn-network-rollback -u systemd-networkd",
    cause: last,
  });
}
