import { quote } from "shlex";

/** A value in a script template: a string is one word, an array is many, a `Script` is inserted unchanged. */
export type Word = string | number | readonly (string | number)[] | Script;

/** Shell functions in their own file. */
export interface ShellLibrary {
  readonly name: string;
  readonly text: string;
  /** The libraries that its functions call. */
  readonly needs: readonly ShellLibrary[];
}

type FindLibraries = () => readonly ShellLibrary[];

/** A piece of POSIX shell, created only by {@link sh}, in which every value from outside is quoted. */
export class Script {
  /** @internal Only {@link sh} and {@link lines} create scripts. */
  constructor(
    /** @internal Its own text, without its libraries. */
    readonly body: string,
    /** @internal Find the libraries that it calls, lazily: most scripts are created but never sent. */
    readonly calls: readonly FindLibraries[] = [],
  ) {}

  /** The same script, which also calls functions of these libraries. */
  with(find: FindLibraries): Script {
    return new Script(this.body, [...this.calls, find]);
  }

  /** The libraries that it calls. */
  get libraries(): readonly ShellLibrary[] {
    return [...new Set(this.calls.flatMap((find) => find()))];
  }

  /** The complete script: its own text after all libraries that it and they need, each once. */
  get text(): string {
    const texts = new Map<ShellLibrary, string>();
    const add = (library: ShellLibrary) => {
      if (texts.has(library)) return;
      for (const needed of library.needs) add(needed);
      texts.set(library, library.text);
    };
    for (const library of this.libraries) add(library);
    return [...texts.values(), this.body].join("\n");
  }
}

/**
 * The only template that creates shell text: `` sh`rm -f -- ${path}` ``.
 *
 * A string or number becomes one quoted word, an array one word per item, a `Script` is inserted unchanged.
 * Backslashes are the shell's own, as in `printf '%s\n'`; only `` \` `` and `\${` are the template's.
 *
 * @throws TypeError for any other value, and for text that no shell word can contain: with a NUL, or not valid Unicode.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly Word[]): Script {
  const [first = "", ...rest] = strings.raw.map((text) => text.replace(/\\(`|\$\{)/g, "$1"));
  const text = rest.reduce((text, piece, index) => text + render(values[index], text) + piece, first);
  return new Script(text, callsOf(values));
}

/** Joins scripts, each on its own lines. */
export function lines(scripts: readonly Script[]): Script {
  return new Script(scripts.map(({ body }) => body).join("\n"), callsOf(scripts));
}

/** The same script with its libraries included, for a text that must contain all of it. */
export function withLibraries(script: Script): Script {
  return new Script(script.text);
}

function callsOf(values: readonly Word[]): readonly FindLibraries[] {
  return [...new Set(values.flatMap((value) => (value instanceof Script ? value.calls : [])))];
}

function render(value: unknown, before: string): string {
  if (value instanceof Script) return value.body;
  if (Array.isArray(value)) return value.map((item) => word(item, before)).join(" ");
  return word(value, before);
}

function word(value: unknown, before: string): string {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string") {
    const place = JSON.stringify(before.slice(-40));
    throw new TypeError(
      `after ${place} a script takes a string, a number, an array of them or a Script, not ${typeof value}`,
    );
  }
  if (value.includes("\0")) throw new TypeError("a shell word cannot hold a NUL character");
  // UTF-8 has no halves of pairs: the script would have another character in their place.
  if (/\p{Cs}/u.test(value)) throw new TypeError("a shell word cannot hold text that is not valid Unicode");
  return quote(value);
}
