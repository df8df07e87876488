import { z } from "zod";

const quoted = (value: unknown) => JSON.stringify(value) ?? "nothing";

export const absolutePath = z.string("a path is text").superRefine((path, context) => {
  const bad =
    !path.startsWith("/") || /\p{Cc}/u.test(path) || path.split("/").some((part) => part === "." || part === "..");
  if (bad || path.endsWith("/"))
    context.addIssue({ code: "custom", message: `${quoted(path)} is not an absolute path of a file.` });
});

/** For one line: a key's options and comment may have anything else. */
const KEY =
  /^(?:[^\s#].* )?(?:(?:sk-)?(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d+)(?:-cert-v01)?(?:@openssh\.com)?) [A-Za-z0-9+/]+=*(?: .*)?$/s;
const ONE_LINE = /^[\t\P{Cc}]*$/u;

/** One line of authorized_keys, sshd(8). */
export const authorizedKey = z
  .string("a key is text")
  .transform((text) => text.trim())
  .superRefine((text, context) => {
    if (text.includes("PRIVATE KEY"))
      context.addIssue({ code: "custom", message: "this is a private key: give the public one (the .pub file)" });
    else if (!ONE_LINE.test(text) || !KEY.test(text))
      context.addIssue({
        code: "custom",
        message: `${quoted(text.slice(0, 40))} is not a public key: write one line such as "ssh-ed25519 AAAA… name"`,
      });
  });

/** A user or group of a guest, by name or number. */
const account = z.string("a user or group is text").regex(/^(?:[a-z_][a-z0-9_-]*\$?|\d+)$/, {
  error: ({ input }) => `${quoted(input)} is not a user or group of the guest: write a name or a number.`,
});

/** A file in a guest. */
export const guestFile = z.strictObject({
  path: absolutePath,
  content: z.string("a file's content is text").regex(/^[^\0]*$/, "a file's content cannot hold a NUL character"),
  mode: z
    .string('a mode is text such as "0644"')
    .regex(/^[0-7]{3,4}$/, {
      error: ({ input }) => `${quoted(input)} is not a mode: write octal digits such as "0644".`,
    })
    .default("0644"),
  owner: account.default("root"),
  group: account.default("root"),
});
