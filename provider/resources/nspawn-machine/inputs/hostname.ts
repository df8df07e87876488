import { z } from "zod";
import { effect } from "../../../dynamic";
import type { Rendered, Values } from "../section";

/** hostname(7): labels of letters, digits and hyphens, 64 characters in all (systemd's HOST_NAME_MAX). */
const schema = z
  .string()
  .regex(
    /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
    "is not a host name: up to 64 characters, labels of letters, digits and inner hyphens, joined by dots",
  );

export const inputs = {
  /** The machine's host name, up to 64 characters. @default its name */
  hostname: effect("restart", schema.optional()),
};

export const keys = ["Exec.Hostname"];

export function render({ hostname, name }: Values<typeof inputs> & { name: string }): Rendered {
  return { nspawn: [{ section: "Exec", key: "Hostname", value: hostname ?? name }] };
}
