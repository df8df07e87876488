import { z } from "zod";
import { quotedUrl } from "../../quoted-url";
import { absolutePath, authorizedKey } from "../guest-values";

const quoted = (value: unknown) => JSON.stringify(value) ?? "nothing";
const field = (text: z.ZodType<string>) =>
  text.refine((value) => !/[:\p{Cc}]/u.test(value), {
    error: ({ input }) => `${quoted(input)} is not allowed in passwd(5)`,
  });

/** As Debian's useradd(8) accepts it. */
export const accountName = z.string("a name is text").regex(/^[a-z_][a-z0-9_-]{0,30}[a-z0-9_$-]?$/, {
  error: ({ input }) =>
    `${quoted(input)} is not the name of a user or group: lower-case letters, digits, - and _, 32 at most.`,
});

const id = z.int("a user ID is a whole number").min(0).max(65_533, "a machine has user IDs up to 65533");
const sha256 = z
  .string("a hash is text")
  .transform((text) => text.toLowerCase())
  .refine(
    (text) => /^[0-9a-f]{64}$/.test(text),
    "is not a SHA-256 hash: 64 hexadecimal digits, as sha256sum(1) prints them",
  );
const url = z.string("a URL is text").regex(/^https?:\/\/[^\s\p{Cc}]+$/u, {
  error: ({ input }) => `${quotedUrl(input)} is not a URL: it must begin with http:// or https://`,
});

/** A user, without what follows from others of these values. */
export const userObject = z.strictObject({
  name: accountName,
  uid: id.optional(),
  gid: id.optional(),
  group: accountName.optional(),
  home: field(absolutePath).optional(),
  shell: field(absolutePath).default("/bin/bash"),
  comment: field(z.string("a comment is text")).default(""),
  groups: z
    .array(accountName)
    .transform((names) => [...new Set(names)].sort())
    .optional(),
  sudo: z.boolean("sudo is true or false").default(false),
  authorizedKeys: z.array(authorizedKey).optional(),
  authorizedKeysFrom: z.array(z.strictObject({ url, sha256 })).optional(),
});

export const userSchema = userObject.transform((user) => ({
  ...user,
  group: user.group ?? user.name,
  home: user.home ?? (user.name === "root" ? "/root" : `/home/${user.name}`),
}));
