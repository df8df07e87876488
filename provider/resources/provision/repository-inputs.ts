import { z } from "zod";
import { quotedUrl } from "../../quoted-url";
import { accountName } from "./user-inputs";

const quoted = (value: unknown) => JSON.stringify(value) ?? "nothing";

const url = z.string("a URL is text").superRefine((text, context) => {
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  const scp = /^[A-Za-z0-9._-]+@[A-Za-z0-9._-]+:[^\s\p{Cc}'"\\]+$/u.test(text);
  if (!scp && !/^(?:https?|ssh|git|file):\/\/[^\s\p{Cc}'"\\]+$/u.test(text))
    refuse(`${quotedUrl(text)} is not a repository URL: https://…, ssh://… or git@host:path`);
  else if (/^https?:\/\/[^/]*@/.test(text))
    refuse("a user name or password in the URL would end up in the clone: use a `deployKey` and ssh");
});

/** Relative to the home, or absolute. */
const directory = z
  .string("a directory is text")
  .transform((text) => text.replace(/^~\//, "").replace(/(?<=^\/|[^/])\/+$/, ""))
  .refine((text) => text !== "" && !/^[-~]|\p{Cc}|(?:^|\/)\.{1,2}(?:\/|$)/u.test(text), {
    error: ({ input }) =>
      `${quoted(input)} is not a directory: write one relative to the home, as in "src/web", or an absolute path`,
  });

/** What git-check-ref-format(1) accepts, without its odder parts. */
const branch = z.string("a branch is text").regex(/^(?!.*(?:\.\.|\/\/|\.lock$|[/.]$))[A-Za-z0-9_][A-Za-z0-9._/+#-]*$/, {
  error: ({ input }) => `${quoted(input)} is not the name of a branch`,
});

/** A repository, without what follows from others of these values. */
export const repositoryObject = z.strictObject({
  url,
  directory: directory.optional(),
  user: accountName,
  branch: branch.optional(),
  depth: z.int("a depth is a whole number").min(1, "a depth is at least 1").optional(),
  blobless: z.boolean("blobless is true or false").default(false),
  submodules: z.boolean("submodules is true or false").default(false),
  deployKey: z.string("deployKey is the name of one of the secrets").optional(),
  knownHosts: z.array(z.string().regex(/^[\t\P{Cc}]+$/u, "is not a line of known_hosts")).default([]),
});

export const repositorySchema = repositoryObject.transform((repository) => ({
  ...repository,
  directory: repository.directory ?? nameOf(repository.url),
}));

/** The directory that git-clone(1) derives from the URL. */
export function nameOf(address: string): string {
  return (
    address
      .replace(/(?<!\/)\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .at(-1) ?? "repository"
  );
}
