import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sh as plain, readLibrary, type Script, type ShellLibrary, type Word } from "../../remote";

/**
 * The template for scripts that run on a host: the one of `remote`, with the libraries in this folder. A script that
 * calls a function of a library, or uses a variable that a library sets, is sent with that library and the libraries it
 * calls in turn, and with nothing else.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly Word[]): Script {
  return plain(strings, ...values).with(calledBy(strings));
}

/** The libraries, one per file. */
export function libraries(): readonly ShellLibrary[] {
  return all().map(({ library }) => library);
}

interface Known {
  readonly library: ShellLibrary;
  readonly functions: readonly string[];
  readonly variables: readonly string[];
}

/** Templates never change, so each is searched only once, when a script made from it is sent. */
const known = new WeakMap<TemplateStringsArray, () => readonly ShellLibrary[]>();

function calledBy(strings: TemplateStringsArray): () => readonly ShellLibrary[] {
  const before = known.get(strings);
  if (before !== undefined) return before;
  let found: readonly ShellLibrary[] | undefined;
  const find = () => {
    found ??= search(strings.raw.join(" "));
    return found;
  };
  known.set(strings, find);
  return find;
}

function search(text: string): ShellLibrary[] {
  const words = new Set(text.match(/\$\{?\w+|\w+/g));
  const calls = ({ functions, variables }: Known) =>
    functions.some((name) => words.has(name)) ||
    variables.some((name) => words.has(`$${name}`) || words.has(`\${${name}`));
  return all().flatMap((one) => (calls(one) ? [one.library] : []));
}

let loaded: readonly Known[] | undefined;

function all(): readonly Known[] {
  loaded ??= readdirSync(__dirname)
    .filter((name) => name.endsWith(".sh"))
    .sort()
    .map((name) => load(join(__dirname, name)));
  return loaded;
}

function load(path: string): Known {
  const { name, text } = readLibrary(path);
  const names = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = ""]) => name);
  let needs: readonly ShellLibrary[] | undefined;
  const library: ShellLibrary = {
    name,
    text,
    get needs() {
      needs ??= search(text).filter((other) => other !== library);
      return needs;
    },
  };
  return { library, functions: names(/^(\w+)\(\) /gm), variables: names(/^(\w+)=/gm) };
}
