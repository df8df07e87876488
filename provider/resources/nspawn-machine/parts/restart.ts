import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { sh } from "../../../host/sh";
import type { Entry } from "../../../systemd/settings-file";
import { dropInPath, renderDropIn } from "../../../systemd/unit-file";
import { quoteExecArgument } from "../../../systemd/unit-words";
import type { Part } from "../contribution";

const POLICIES = ["no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"] as const;

/** When a machine is started again that stopped by itself (systemd.service(5)). A reboot from inside always starts it again. */
export interface Restart {
  /** `Restart=`: `"on-failure"` where systemd-nspawn failed or was killed, `"always"` also after a poweroff from inside. */
  readonly policy: pulumi.Input<(typeof POLICIES)[number]>;
  /** `RestartSec=`: seconds before that. @default systemd's, 0.1 */
  readonly delay?: pulumi.Input<number>;
}

/** systemd's time spans hold microseconds. */
const seconds = z
  .number("seconds are a number")
  .min(0, "is below zero")
  .max(365 * 24 * 3600, "is longer than a year");

export const restartSchema = z.strictObject({
  policy: z.enum(POLICIES, `write one of ${POLICIES.join(", ")}`),
  delay: seconds.optional(),
});

/**
 * A drop-in of its own: systemd looks at it when the machine stops, so a change is live. Its name comes after that of the drop-in
 * that may empty `ExecStopPost=`.
 */
export const restartPart: Part = {
  inputs: ["restart"],
  owns: () => [],
  of: ({ name, restart }) => {
    if (restart === undefined) return {};
    const entries = [
      service("Restart", restart.policy),
      ...(restart.delay === undefined ? [] : [service("RestartSec", span(restart.delay))]),
      ...(restart.policy === "no" ? [] : [service("ExecStopPost", cleanUp(name))]),
    ];
    return { live: new Map([[dropInPath(name, "supervision"), { text: renderDropIn(entries) }]]) };
  },
};

/**
 * What a systemd-nspawn that was killed leaves, and what then fails the next start, and with it those machines that require this
 * one: its registration, for as long as its unit is about to start again (up to systemd 257), and a mount (from 256 on, issue 34776).
 * Of one that ended in good order nothing is left.
 */
function cleanUp(machine: string): string {
  const manager = "org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager".split(" ");
  const mounts = [`unix-export/${machine}`, `${machine}/unix-export`].map((path) => `/run/systemd/nspawn/${path}`);
  const script = sh`exec >/dev/null 2>&1; busctl call ${manager} UnregisterMachine s ${machine}; for mount in ${mounts}; do umount "$mount" && rmdir "$mount"; done`;
  return ["-/bin/sh", "-c", script.text].map(quoteExecArgument).join(" ");
}

const WATCHDOG = "write seconds from 1 on, or false for none";
export const watchdogSchema = z.union([z.literal(false), seconds.min(1, WATCHDOG)], WATCHDOG);

/** systemd-nspawn learns it from its environment when it starts. */
export const watchdogPart: Part = {
  inputs: ["watchdog"],
  owns: () => [],
  of: ({ watchdog }) =>
    watchdog === undefined ? {} : { unit: [service("WatchdogSec", watchdog === false ? "0" : span(watchdog))] },
};

function service(key: string, value: string): Entry {
  return { section: "Service", key, value };
}

/** Never in the notation of JavaScript for small numbers, which systemd.time(7) does not know. */
function span(value: number): string {
  return `${Math.round(value * 1000)}ms`;
}
