import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { globFiles } from "./glob";
import { type Directive, parseDirectives } from "./lines";
import { isMatch } from "./match";
import { matchPatterns } from "./pattern";
import { expandTilde, localUser } from "./tokens";

/** What ssh_config says about a host, before tokens are replaced. */
export class SshConfig {
  private readonly values = new Map<string, readonly string[]>();
  readonly identityFiles: string[] = [];
  readonly certificateFiles: string[] = [];

  /** The first word of a keyword, which must be in lower case. */
  first(keyword: string): string | undefined {
    return this.values.get(keyword)?.[0];
  }

  all(keyword: string): readonly string[] | undefined {
    return this.values.get(keyword);
  }

  /** The first value wins, except for files, which add up. */
  add({ keyword, words, rest }: Directive): void {
    const [value] = words;
    if (keyword === "identityfile" || keyword === "certificatefile") {
      const list = keyword === "identityfile" ? this.identityFiles : this.certificateFiles;
      if (value !== undefined && !list.includes(value)) list.push(value);
      return;
    }
    // Of these two, the first one excludes the other.
    if (keyword === "proxycommand" && (this.first("proxyjump") ?? "none").toLowerCase() !== "none") return;
    if (keyword === "proxyjump" && this.values.has("proxycommand")) return;
    if (this.values.has(keyword) || value === undefined) return;
    this.values.set(keyword, keyword === "proxycommand" ? [rest] : words);
  }
}

const DEEPEST_INCLUDE = 16;

/** The host to look up. */
export interface Lookup {
  readonly host: string;
  /** A user that is already known, as from the command line of ssh(1). */
  readonly user?: string;
}

/**
 * Reads what ssh(1) would read for this host: the given file, or else the user's and the system's.
 *
 * @throws Error if the given file cannot be read.
 */
export function readSshConfig(lookup: Lookup, file: string | undefined): SshConfig {
  const config = new SshConfig();
  if (lookup.user !== undefined) config.add({ keyword: "user", words: [lookup.user], rest: lookup.user });
  if (file?.toLowerCase() === "none") return config;
  const first = new Reader(config, lookup.host, lookup.host, false);
  first.readAll(file);
  if (!first.wantsFinalPass) return config;
  const resolved = (config.first("hostname") ?? lookup.host).replaceAll("%h", lookup.host).toLowerCase();
  config.add({ keyword: "hostname", words: [resolved], rest: resolved });
  new Reader(config, resolved, lookup.host, true).readAll(file);
  return config;
}

class Reader {
  wantsFinalPass = false;

  constructor(
    private readonly config: SshConfig,
    private readonly host: string,
    private readonly original: string,
    private readonly final: boolean,
  ) {}

  readAll(file: string | undefined): void {
    const ssh = `${homedir()}/.ssh`;
    if (file !== undefined) {
      this.readText(readFileSync(expandTilde(file), "utf8"), ssh, true, 0);
      return;
    }
    this.readIfThere(`${ssh}/config`, ssh, true, 0);
    this.readIfThere("/etc/ssh/ssh_config", "/etc/ssh", true, 0);
  }

  private readIfThere(path: string, base: string, active: boolean, depth: number): void {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      return;
    }
    this.readText(text, base, active, depth);
  }

  private readText(text: string, base: string, enclosing: boolean, depth: number): void {
    let active = enclosing;
    for (const directive of parseDirectives(text)) {
      const { keyword, words } = directive;
      // In a file included from a section that does not match, no section matches; ssh(1) still evaluates its `Match`
      // lines.
      if (keyword === "host") active = enclosing && matchPatterns(this.host, words);
      else if (keyword === "match") active = this.matches(words) && enclosing;
      else if (keyword === "include") this.include(words, base, active, depth);
      else if (active) this.config.add(directive);
    }
  }

  private include(patterns: readonly string[], base: string, active: boolean, depth: number): void {
    if (depth >= DEEPEST_INCLUDE) return;
    for (const pattern of patterns) {
      const path = expandTilde(pattern);
      for (const file of globFiles(path.startsWith("/") ? path : `${base}/${path}`)) {
        this.readIfThere(file, base, active, depth + 1);
      }
    }
  }

  private matches(words: readonly string[]): boolean {
    return isMatch(words, {
      host: this.config.first("hostname")?.replaceAll("%h", this.original) ?? this.host,
      original: this.original,
      user: this.config.first("user") ?? localUser(),
      port: Number(this.config.first("port") ?? 22),
      final: this.final,
      wantFinalPass: () => {
        this.wantsFinalPass = true;
      },
    });
  }
}
