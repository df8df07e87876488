import { z } from "zod";
import { documented } from "../../../documented";
import { effect } from "../../../dynamic";
import { sh } from "../../../host/sh";
import type { Script } from "../../../remote";
import { dropInPath, renderDropIn } from "../../../systemd/unit-file";
import type { Rendered, Values } from "../section";
import { seconds, service, shellCommand, span } from "./service";

const POLICIES = ["no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"] as const;

const schema = documented({
  /**
   * `Restart=`: `"on-failure"` if systemd-nspawn failed or was killed, `"always"` even after a poweroff from inside.
   */
  policy: z.enum(POLICIES, `write one of ${POLICIES.join(", ")}`),
  /** `RestartSec=`: seconds to wait before that. @default systemd's, 0.1 */
  delay: seconds.optional(),
});

/**
 * When to start a machine again that stopped by itself (systemd.service(5)). A reboot from inside always starts it
 * again.
 */
export type Restart = z.input<typeof schema>;

export const inputs = {
  /** When to start it again after it stopped by itself. @default never, except after a reboot from inside */
  restart: effect("live", schema.optional()),
};

/**
 * A separate drop-in: systemd reads it when the machine stops, so a change takes effect live. Its name sorts after the
 * drop-in that may empty `ExecStopPost=`.
 */
export function render({ name, restart }: Values<typeof inputs> & { name: string }): Rendered {
  if (restart === undefined) return {};
  const entries = [
    service("Restart", restart.policy),
    ...(restart.delay === undefined ? [] : [service("RestartSec", span(restart.delay))]),
    ...(restart.policy === "no" ? [] : [service("ExecStopPost", shellCommand(cleanUp(name)))]),
  ];
  return { live: new Map([[dropInPath(name, "supervision"), { text: renderDropIn(entries) }]]) };
}

/**
 * Cleans up after a systemd-nspawn that was killed. What it leaves behind would make the next start fail, and with it
 * the machines that require this one: its registration, while its unit waits to start again (up to systemd 257), and a
 * mount (from 256 on, issue 34776). A clean exit leaves nothing.
 */
export function cleanUp(machine: string): Script {
  const manager = "org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager".split(" ");
  const mounts = [`unix-export/${machine}`, `${machine}/unix-export`].map((path) => `/run/systemd/nspawn/${path}`);
  return sh`exec >/dev/null 2>&1; busctl call ${manager} UnregisterMachine s ${machine}; for mount in ${mounts}; do umount "$mount" && rmdir "$mount"; done`;
}
