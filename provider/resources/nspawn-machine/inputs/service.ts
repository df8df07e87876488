import { z } from "zod";
import type { Script } from "../../../remote";
import type { Entry } from "../../../systemd/settings-file";
import { quoteExecArgument } from "../../../systemd/unit-words";

/** systemd's time spans hold microseconds. */
export const seconds = z
  .number("seconds are a number")
  .min(0, "is below zero")
  .max(365 * 24 * 3600, "is longer than a year");

export function service(key: string, value: string): Entry {
  return { section: "Service", key, value };
}

/** A command line that runs a script, and whose failure does not count (systemd.service(5), "Command lines"). */
export function shellCommand(script: Script): string {
  return commandLine(["-/bin/sh", "-c", script.text]);
}

/** A command line that runs a script, without which the unit does not start. */
export function strictShellCommand(script: Script): string {
  return commandLine(["/bin/sh", "-c", script.text]);
}

export function commandLine(words: readonly string[]): string {
  return words.map(quoteExecArgument).join(" ");
}

/** Never in JavaScript's exponent notation for small numbers, which systemd.time(7) does not accept. */
export function span(value: number): string {
  return `${Math.round(value * 1000)}ms`;
}
