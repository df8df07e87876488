import { z } from "zod";
import { unknownKeysMessage } from "../unknown-keys";
import { isRecord } from "./unknown";

/** Messages for what a schema has no message of its own for. They never quote a value, which may be a secret. */
export function messageOfIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "unrecognized_keys") return unknownKeysMessage(issue.keys, keysOf(issue.inst));
  if (issue.code !== "invalid_type") return undefined;
  const expected = WORDS[issue.expected] ?? issue.expected;
  return issue.input === undefined
    ? `it is missing: write ${expected}`
    : `it is ${wordOf(issue.input)}: write ${expected}`;
}

/** What is wrong, as a sentence. A union has no message of its own if none of its members had one. */
export function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union" || issue.message !== UNION) return issue.message;
  return issue.errors.flat().find(({ code }) => code === OF_A_RULE)?.message ?? issue.message;
}

const UNION = "Invalid input";
/** What zod calls the issue of a rule that a schema adds, which has words of its own. */
const OF_A_RULE: z.core.$ZodIssue["code"] = "custom";

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list: [ … ]",
  object: "an object: { … }",
  record: "an object: { … }",
};

function wordOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean") return `${value}`;
  if (isRecord(value)) return "an object";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}

function keysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
