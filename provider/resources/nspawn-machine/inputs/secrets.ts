import { z } from "zod";
import { effect } from "../../../dynamic";
import type { HostFile } from "../../../host/files";
import { quoteExecArgument } from "../../../systemd/unit-words";
import type { Rendered, Values } from "../section";

/** systemd.exec(5), "Credentials": a service accepts 1 MB of them. */
const LARGEST = 1024 * 1024;

/**
 * credential_name_valid() of systemd: a file name without a colon. Some of the 255 characters are left for a temporary
 * name.
 */
const NAME = /^(?!\.{1,2}$)(?! )[\x20-\x2e\x30-\x39\x3b-\x7e]{1,250}(?<! )$/;

const name = z.string().regex(NAME, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is not the name of a credential: 1 to 250 characters of printable ASCII, without "/" and ":", no blank at an end`,
});

/** No message contains the value. */
const value = z
  .string("a secret is text")
  .refine(
    (text) => !/[\0\p{Cs}]/u.test(text),
    "contains a NUL, or is not valid Unicode: encode it, for example as base64",
  )
  .refine((text) => Buffer.byteLength(text) <= LARGEST, "is longer than the 1 MiB that a service accepts");

/** zod reports a bad key with the record's own message; this one is used instead. */
const schema = z.record(z.string(), value).superRefine((secrets, context) => {
  for (const key of Object.keys(secrets)) {
    for (const { message } of name.safeParse(key).error?.issues ?? []) context.addIssue({ code: "custom", message });
  }
});

export const inputs = {
  /**
   * systemd credentials, by name (systemd.exec(5), "Credentials"; `--load-credential=`, systemd-nspawn(1)). Inside,
   * root finds them in /run/credentials/@system, and a service with `LoadCredential=NAME` in its
   * $CREDENTIALS_DIRECTORY. They are never in an environment or on a command line, are secret in state, and only root
   * can read them on the host.
   * @default none
   */
  secrets: effect("restart", schema.optional()),
};

/** systemd credentials: files that only the host's root can read. The command line contains their paths. */
export function render({ name: machine, secrets: given = {} }: Values<typeof inputs> & { name: string }): Rendered {
  const secrets = Object.entries(given);
  return {
    restart: new Map(
      secrets.map(([id, text]): [string, HostFile] => [pathOf(machine, id), { text, mode: "0600", secret: true }]),
    ),
    // A backslash escapes the next character of the name (extract_first_word() of systemd); the path is taken as it is.
    commandLine: secrets.map(([id]) =>
      quoteExecArgument(`--load-credential=${id.replaceAll("\\", "\\\\")}:${pathOf(machine, id)}`),
    ),
    needs: secrets.length === 0 ? [] : [{ what: "secrets", systemd: 247 }],
  };
}

function pathOf(machine: string, id: string): string {
  return `/etc/systemd/nspawn/${machine}.credentials/${id}`;
}
