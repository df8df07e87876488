import { z } from "zod";
import { programOf } from ".";
import { versions } from "./program";

/** What the project's `index.js` runs: the program that the environment names. */
const wanted = z.object({
  program: z.string(),
  version: z.enum(versions),
  setting: z.object({ connection: z.record(z.string(), z.unknown()), suffix: z.enum(["", "-two"]) }),
});

export function run(text: string | undefined): void {
  const { program, version, setting } = wanted.parse(JSON.parse(text ?? ""));
  programOf(program).define(setting, version);
}
