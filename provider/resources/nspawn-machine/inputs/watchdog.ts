import { z } from "zod";
import { effect } from "../../../dynamic";
import type { Rendered, Values } from "../section";
import { seconds, service, span } from "./service";

const CHOICES = "write a number of seconds, 1 or more, or false for none";

export const inputs = {
  /**
   * Seconds after which systemd kills a systemd-nspawn that hangs (`WatchdogSec=`, systemd.service(5)); `false` for
   * never. It watches systemd-nspawn, not what runs inside.
   * @default the unit's, 180
   */
  watchdog: effect("restart", z.union([z.literal(false), seconds.min(1, CHOICES)], CHOICES).optional()),
};

/** systemd-nspawn reads it from its environment when it starts. */
export function render({ watchdog }: Values<typeof inputs>): Rendered {
  if (watchdog === undefined) return {};
  return { unit: [service("WatchdogSec", watchdog === false ? "0" : span(watchdog))] };
}
