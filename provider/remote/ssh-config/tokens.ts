import { homedir, hostname, userInfo } from "node:os";

/** The values for the tokens of ssh_config(5), TOKENS. */
export interface TokenValues {
  /** `%n`: the host as written. */
  readonly original: string;
  /** `%h`: the host's name after `HostName`. */
  readonly host: string;
  /** `%p` */
  readonly port: number;
  /** `%r`: the login name. */
  readonly user: string;
  /** `%k`: the host's name in known_hosts. */
  readonly alias?: string;
  /** `%j`: the jump hosts. */
  readonly jump?: string;
}

/** Replaces the tokens; an unknown one stays as it is. */
export function expandTokens(text: string, values: TokenValues): string {
  const table: Readonly<Record<string, string>> = {
    "%": "%",
    n: values.original,
    h: values.host,
    p: String(values.port),
    r: values.user,
    k: values.alias ?? values.original,
    j: values.jump ?? "",
    d: sshHome(),
    u: localUser(),
    i: String(process.getuid?.() ?? 0),
    l: hostname(),
    L: hostname().split(".")[0] ?? "",
  };
  return text.replace(/%(.)/g, (token, letter: string) => table[letter] ?? token);
}

/** Replaces `~`, `~/…` and `${VARIABLE}` in a path, then the tokens. */
export function expandPath(path: string, values: TokenValues, home: string): string {
  const withVariables = path.replace(/\$\{([^}$]*)\}/g, (_, name: string) => process.env[name] ?? "");
  return expandTokens(expandTilde(withVariables, home), values);
}

/** Replaces `~` where it stands for the home directory. */
export function expandTilde(path: string, home: string): string {
  return path.replace(/^~(?=\/|$)/, () => home);
}

/** The home directory of ssh(1), which ignores `HOME`. */
export function sshHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    // A user id without a name, as in a container.
    return homedir();
  }
}

/** The name of the user who runs this process. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? process.env.LOGNAME ?? "root";
  }
}

/** The word for no value at all, where ssh_config(5) allows it. */
export function isNone(value: string): boolean {
  return value.toLowerCase() === "none";
}
