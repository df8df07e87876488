import { quotedUrl } from "../../quoted-url";

/** The parts of a host that was written as one string. */
export interface Destination {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * Splits `alias`, `user@host` and `ssh://user@host:port`; the schema checks the parts.
 *
 * @throws TypeError for other URLs, and for what ssh(1) does not accept as a destination either.
 */
export function parseDestination(text: string): Destination {
  const trimmed = text.trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) return parseUrl(trimmed);
  const [, user, host = ""] = /^(?:(.*)@)?([^@]*)$/s.exec(trimmed) ?? [];
  const [, name, port] = /^([^:]+):(\d+)$/.exec(host) ?? [];
  if (port) {
    // A user with a colon is one with a password.
    const whose = user === undefined || user.includes(":") ? "" : `${user}@`;
    const url = `ssh://${whose}${name}:${port}`;
    throw new TypeError(
      `${whose === "" ? quotedUrl(text) : JSON.stringify(text)} is not a host: with a port, write ${JSON.stringify(url)}`,
    );
  }
  return { host: unbracket(host), ...(user === undefined ? {} : { user }) };
}

function parseUrl(text: string): Destination {
  const [, scheme = "", user, host, port, rest] =
    /^([^:]+):\/\/(?:([^@/]*)@)?(\[[^\]/]*\]|[^:/]*)(?::([^/]*))?(\/.*)?$/s.exec(text) ?? [];
  const expected = "write ssh://user@host:port";
  if (scheme.toLowerCase() !== "ssh" || host === undefined)
    throw new TypeError(`${quotedUrl(text)} is not a host: ${expected}`);
  if (rest !== undefined && rest !== "/") throw new TypeError(`${quotedUrl(text)} has a path: ${expected}`);
  if (user?.includes(":")) {
    throw new TypeError(`${quotedUrl(text)} contains a password: put it into \`password\` of \`credentials\``);
  }
  return {
    host: unbracket(host),
    ...(user === undefined ? {} : { user: decode(user) }),
    ...(port === undefined ? {} : { port: /^\d+$/.test(port) ? Number(port) : Number.NaN }),
  };
}

function unbracket(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
