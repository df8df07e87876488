import { z } from "zod";
import { effect } from "../../../dynamic";
import { environmentItems } from "../../../systemd/entry-items";
import { nspawnWord, quoteNspawnWord } from "../../../systemd/nspawn-words";
import type { Rendered, Values } from "../section";

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of an environment variable: letters, digits and _");

export const inputs = {
  /** Environment of the machine's first process. It is stored in a file that only root can read. @default none */
  environment: effect("restart", z.record(variable, nspawnWord).optional()),
};

export const items = environmentItems;

export function render({ environment = {} }: Values<typeof inputs>): Rendered {
  const words = Object.entries(environment).map(([key, value]) => quoteNspawnWord(`${key}=${value}`));
  return { nspawn: words.map((value) => ({ section: "Exec", key: "Environment", value })) };
}
