import { problemOfHostName, problemOfUserName } from "../connection/names";

/** A value of an entry of ssh_config(5), written as its keyword reads it. */
export type Written = { readonly text: string };

/**
 * An entry of ssh_config(5) for one host, as OpenSSH 8.7 and later read it (argv_split in its misc.c).
 *
 * @throws TypeError for a value that it cannot hold.
 */
export function sshConfigEntry(
  alias: string,
  settings: readonly (readonly [keyword: string, value: Written])[],
): string {
  // `Host` takes patterns.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(alias)) throw refusal(alias, "as the name of an entry");
  return [`Host ${alias}`, ...settings.map(([keyword, { text }]) => `  ${keyword} ${text}`)]
    .map((line) => `${line}\n`)
    .join("");
}

/** One argument, in which `~`, tokens and variables mean what they mean to ssh. */
export function argument(value: string): Written {
  assertOneLine(value);
  if (value === "") throw refusal(value, "as a value");
  if (/^[A-Za-z0-9_@%+:.,~/-]+$/.test(value)) return { text: value };
  return { text: `"${value.replace(/["\\]/g, "\\$&")}"` };
}

/** One argument in which nothing but `~` has a meaning. */
export function plainArgument(value: string): Written {
  // Where ssh replaces variables, it knows no way to write a dollar sign.
  if (value.includes("${")) throw refusal(value, "as a value: it contains a variable");
  return argument(value.replaceAll("%", "%%"));
}

/** The name or address of a host (`HostName`). */
export function hostArgument(name: string): Written {
  assertName(name, problemOfHostName(name));
  return plainArgument(name);
}

/** A login name (`User`). Some versions of ssh replace tokens in it, others do not. */
export function userArgument(name: string): Written {
  assertName(name, problemOfUserName(name) ?? (name.includes("%") ? 'it contains "%"' : undefined));
  return argument(name);
}

/** A command for the user's shell: all the rest of a line (`ProxyCommand`). */
export function commandLine(command: string): Written {
  assertOneLine(command);
  const text = command.trim();
  if (text === "" || text.startsWith("=")) throw refusal(command, "as a command");
  if (hasOpenQuote(text)) throw refusal(command, "as a command: a quotation mark in it is not closed");
  return { text };
}

/** A host on the way to another one. */
export interface Hop {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

/** A way over jump hosts (`ProxyJump`); without any, none. */
export function jumpArgument(hops: readonly Hop[]): Written {
  return { text: hops.map(spelled).join(",") || "none" };
}

function spelled({ host, user, port }: Hop): string {
  assertName(host, problemOfHostName(host));
  if (user !== undefined) assertName(user, problemOfUserName(user));
  const place = host.includes(":") ? `[${host}]` : host;
  return `${user === undefined ? "" : `${user}@`}${place}${port === undefined ? "" : `:${port}`}`.replaceAll("%", "%%");
}

function assertOneLine(value: string): void {
  if (/\p{Cc}/u.test(value)) throw refusal(value, "as a value: it contains a line break or another control character");
  if (/\p{Cs}/u.test(value)) throw refusal(value, "as a value: it is not valid Unicode");
}

function assertName(name: string, problem: string | undefined): void {
  if (problem !== undefined) throw refusal(name, `as a name: ${problem}`);
}

function refusal(value: string, why: string): TypeError {
  return new TypeError(`${JSON.stringify(value)} cannot be in ssh_config ${why}`);
}

function hasOpenQuote(text: string): boolean {
  let open = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\" && /['"\\]/.test(text.charAt(at + 1))) at += 1;
    else if (open === "" && /['"]/.test(character)) open = character;
    // A comment, in which quotes mean nothing.
    else if (open === "" && character === "#" && /[ ]/.test(text.charAt(at - 1))) return false;
    else if (character === open) open = "";
  }
  return open !== "";
}
