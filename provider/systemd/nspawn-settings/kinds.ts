import { z } from "zod";
import { parseColonFields } from "../colon-fields";
import { interfaceName } from "../interface";
import { nspawnWord, quoteNspawnWord } from "../nspawn-words";
import { problemOfPath } from "../paths";
import { problemOf } from "../settings-file";
import type { Kind } from "./setting";

/** An error message that quotes the given value. */
export function isNot(what: string) {
  return { error: ({ input }: { readonly input?: unknown }) => `${JSON.stringify(input)} is not ${what}` };
}

export const flag: Kind = {
  schema: z.boolean(isNot("true or false")),
  takes: "a boolean",
  accepted: true,
  refused: "perhaps",
};

export function choice(names: readonly [string, ...string[]]): Kind {
  const takes = `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`;
  return { schema: z.enum(names, isNot(takes)), takes, accepted: names[0], refused: "perhaps" };
}

export function flagOr(names: readonly [string, ...string[]]): Kind {
  const { schema, takes, ...samples } = choice(names);
  const either = `a boolean, or ${takes}`;
  return { schema: z.union([z.boolean(), schema], isNot(either)), takes: either, ...samples };
}

export function integer(min: number, max: number): Kind {
  const takes = `a whole number from ${min} to ${max}`;
  const schema = z.int(isNot(takes)).min(min, isNot(takes)).max(max, isNot(takes));
  return { schema, takes, accepted: max, refused: String(max + 1) };
}

/** Text with a grammar. It is written to the file unchanged. */
export function text(takes: string, valid: (value: string) => boolean, accepted: string, refused: string): Kind {
  return { schema: textSchema(takes, valid), takes, accepted, refused };
}

/** A list of any length; each item gets its own entry. */
export function list(takes: string, valid: (value: string) => boolean, accepted: string, refused: string): Kind {
  const schema = z.array(textSchema(takes, valid), isNot("a list"));
  return { schema, takes: `a list: each item ${takes}`, accepted: [accepted], refused };
}

function textSchema(takes: string, valid: (value: string) => boolean) {
  return z.string(isNot(takes)).refine((value) => problemOf(value) === undefined && valid(value), isNot(takes));
}

/** Words that may contain blanks and quotes. */
export const words: Kind = {
  schema: z.array(nspawnWord, isNot("a list")),
  takes: "a list of words",
  accepted: ["it's", '"so"', "100 %", "c:\\"],
  refused: "a\nb",
  quote: quoteNspawnWord,
};

const PATH = 'an absolute path, without "." and ".." in it';
const isPath = (value: string) => problemOfPath(value) === undefined;

export const path = text(PATH, isPath, "/srv", "srv");

export const flagOrPath: Kind = {
  schema: z.union([z.boolean(), textSchema(PATH, isPath)], isNot(`true, false or ${PATH}`)),
  takes: `a boolean, or ${PATH}`,
  accepted: "/bin/sh",
  refused: "bin/sh",
};

/** In the first path, colons and backslashes are escaped; the second is taken as it is. */
export const pathPair = text(
  "an absolute path, or two with a colon between, as NEW:OLD",
  (value) => {
    try {
      const { fields, rest } = parseColonFields(value, 1);
      const [first = ""] = fields;
      // The root would become itself, which systemd refuses.
      return !/^\/+$/.test(first) && [...fields, ...(rest === undefined ? [] : [rest])].every(isPath);
    } catch {
      return false;
    }
  },
  "/alt",
  "/alt:mnt",
);

export const interfaces = list(
  "an interface of the host, as NAME, or as NAME:INSIDE for another name inside",
  (pair) => pair.split(":").length <= 2 && pair.split(":").every((name) => interfaceName.safeParse(name).success),
  "test0",
  "a/b",
);
