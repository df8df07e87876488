import { z } from "zod";
import { accountName } from "./user-inputs";

const quoted = (value: unknown) => JSON.stringify(value) ?? "nothing";
const text = (what: string) => z.string(`${what} is text`).regex(/^[^\0]*$/, `${what} cannot hold a NUL character`);

const WHAT =
  "a step runs a shell script, a list of a program and its arguments, or an object of several that run at the same time";

const command = z.union([text("a command").min(1, WHAT), z.array(text("an argument")).min(1, WHAT)], { error: WHAT });

const label = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$/;

/** What a step runs. */
export const commands = z.union(
  [
    command,
    z
      .record(z.string().regex(label, "is not the name of a command"), command)
      .refine((all) => Object.keys(all).length > 0, WHAT),
  ],
  { error: WHAT },
);

/** Variables by name. */
export const environmentSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of an environment variable"),
  text("a value"),
);

export const stepSchema = z.strictObject({
  name: z
    .string("a step's name is text")
    .regex(label, {
      error: ({ input }) =>
        `${quoted(input)} is not the name of a step: up to 64 letters, digits, blanks, dots, hyphens and _`,
    })
    .refine((name) => !name.startsWith("repository "), "is the name of a step that clones a repository"),
  run: commands,
  as: accountName.default("root"),
  cwd: text("a directory").min(1).optional(),
  environment: environmentSchema.default({}),
  when: z.enum(["once", "changed", "start"], "write once, changed or start").default("changed"),
  check: text("a check").min(1).optional(),
  secrets: z.array(z.string()).default([]),
});
