/**
 * What the names of hosts and users may not have: they end up in commands of a shell, by the tokens of ssh_config(5)
 * (`ProxyCommand`, `Match exec`), in lists and patterns of ssh_config and known_hosts, and in messages.
 *
 * The first part is what OpenSSH refuses on its own command line (valid_hostname and valid_ruser of ssh.c, since 9.6:
 * CVE-2023-51385). Older versions, and names that a program has from elsewhere, need the same rule here.
 */
const OF_SHELLS = /['"`$;&<>|(){}\s\p{Cc}\p{Cf}\p{Cs}]/u;
const OF_HOSTS = /[\\/@*?!,#=]/;
/** RFC 1035, 2.3.4. ssh does not find longer ones in known_hosts. */
const LONGEST_HOST = 255;
const OF_USERS = /[:/,]|\\$/;

/** Why a name cannot be that of a host, as the end of a sentence; `undefined` if it can. */
export function problemOfHostName(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (Buffer.byteLength(name) > LONGEST_HOST) return `it is longer than ${LONGEST_HOST} bytes`;
  if (name.startsWith("-")) return "it begins with a dash";
  return forbidden(name, OF_SHELLS) ?? forbidden(name, OF_HOSTS);
}

/** The same for a user's name. An at sign is part of names of a domain, a backslash stands behind the domain. */
export function problemOfUserName(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (/^[-@]/.test(name)) return `it begins with ${JSON.stringify(name[0])}`;
  return forbidden(name, OF_SHELLS) ?? forbidden(name, OF_USERS);
}

function forbidden(name: string, characters: RegExp): string | undefined {
  const found = characters.exec(name)?.[0];
  return found === undefined ? undefined : `it contains ${spelled(found)}`;
}

function spelled(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\s\p{Cc}\p{Cf}\p{Cs}]/u.test(character) && character !== " " ? code : JSON.stringify(character);
}
