import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { command, tryCommand } from "../tools/command";
import { ensureDebianPackages } from "../tools/debian-packages";
import { which } from "../tools/which";

/** A piece of shell to check: where it is, and its lines. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** A problem in a line. */
export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly code: number;
  readonly message: string;
}

const root = join(__dirname, "../..");
const DIRECTORIES = ["provider/host/sh", "provider/remote/script"];

const findingsSchema = z.array(
  z.object({ line: z.number(), column: z.number(), code: z.number(), message: z.string() }),
);

/** Findings that are fine here, and why. */
const EXCLUDED = {
  SC2154: "libraries and the scripts that call them share variables, which shellcheck cannot see",
  SC2034: "the same",
  SC2015: "in `A && B || C`, C is meant to handle a failure of either",
  SC2174: "only the last directory needs the restrictive mode",
} as const;
/** Findings that are fine in a generated script, where decisions made during generation appear as constants. */
const EXCLUDED_IN_SCRIPTS = {
  SC2050: "a constant comparison",
  SC2078: "a constant condition",
  SC2157: "a constant string",
  SC2161: "a constant command",
  SC2194: "a constant word of `case`",
  SC2043: "a list of one word",
  SC2041: "a list of one word in quotes",
  SC2016: "a value that looks like an expansion is a value",
  SC2317: "the functions of libraries are empty here",
  SC2002: "which command prints a log is decided when the script is generated",
  SC2012: "names of interfaces have no blanks",
} as const;
/** A function in a condition, where `set -e` is off in it. */
const IN_CONDITION = 2310;
/** Explains for a function why its failures are not overlooked there. */
const DECLARED = /^\s*# In conditions: .+\n(?:\s*#.*\n)*\s*(\w+)\(\) /gm;

/**
 * Ensures that shellcheck and shfmt are available: installs them if this is root on a Debian, else throws with
 * instructions.
 */
export async function ensureTools(): Promise<void> {
  const tools = ["shellcheck", "shfmt"];
  const found = await Promise.all(tools.map((name) => which(name)));
  if (found.includes(undefined)) await ensureDebianPackages(tools, console.error);
}

/** The libraries in source form, with their comments. */
export async function readLibraries(): Promise<readonly Source[]> {
  const read = async (path: string) => ({ path, text: await readFile(join(root, path), "utf8") });
  const within = async (directory: string) => {
    const names = (await readdir(join(root, directory))).filter((name) => name.endsWith(".sh")).sort();
    return Promise.all(names.map((name) => read(join(directory, name))));
  };
  return (await Promise.all(DIRECTORIES.map(within))).flat();
}

/**
 * shellcheck's findings in libraries, for dash under `set -eu`, checked as one script, so that it knows all functions.
 * A function in a condition is reported unless a comment before it says `# In conditions: ` and why that is right.
 */
export function lintLibraries(libraries: readonly Source[]): Promise<Finding[]> {
  return lint(libraries, declaredIn(libraries), EXCLUDED);
}

/** The same for a script that calls functions of these libraries. */
export async function lintScript(script: Source, libraries: readonly Source[]): Promise<Finding[]> {
  const words = new Set(script.text.match(/\w+/g));
  const functions = libraries.flatMap(({ text }) => [...text.matchAll(/^(\w+)\(\) /gm)].map(([, name = ""]) => name));
  const called = functions.filter((name) => words.has(name));
  const stubs = { path: "", text: called.map((name) => `${name}() { :; }`).join("\n") };
  return lint([stubs, script], declaredIn([...libraries, script]), { ...EXCLUDED, ...EXCLUDED_IN_SCRIPTS });
}

function declaredIn(libraries: readonly Source[]): ReadonlySet<string> {
  return new Set(libraries.flatMap(({ text }) => [...text.matchAll(DECLARED)].map(([, name = ""]) => name)));
}

async function lint(
  sources: readonly Source[],
  declared: ReadonlySet<string>,
  excluded: Readonly<Record<string, string>>,
): Promise<Finding[]> {
  const lines = sources.flatMap(({ path, text }) => text.split("\n").map((line, index) => ({ path, line, index })));
  const input = ["set -eu", ...lines.map(({ line }) => line)].join("\n");
  const exclude = Object.keys(excluded).join();
  const options = ["--shell=dash", "--enable=check-set-e-suppressed", `--exclude=${exclude}`];
  const { stdout, stderr } = await tryCommand("shellcheck", [...options, "--format=json", "-"], { input });
  if (stdout === "") throw new Error(stderr);
  return findingsSchema.parse(JSON.parse(stdout)).flatMap(({ line, column, code, message }) => {
    const at = lines[line - 2];
    if (at === undefined || at.path === "") return [];
    const called = /^\w+/.exec(at.line.slice(column - 1))?.[0] ?? "";
    if (code === IN_CONDITION && declared.has(called)) return [];
    return [
      {
        path: at.path,
        line: at.index + 1,
        code,
        message: `${code === IN_CONDITION ? `${called}: ` : ""}${message} ${at.line.trim()}`,
      },
    ];
  });
}

/** How shfmt would format it, as a patch; empty if it would change nothing. */
export async function misformatted(libraries: readonly Source[]): Promise<string> {
  const paths = libraries.map(({ path }) => path);
  const options = ["-d", "-ln", "posix", "-i", "2", "-ci", "-bn"];
  const { stdout, stderr } = await tryCommand("shfmt", [...options, ...paths], { cwd: root });
  return stdout + stderr;
}

/** Shell in its shortest form, without comments: equivalent texts have the same form. */
export function minified(text: string): Promise<string> {
  return command("shfmt", ["-ln", "posix", "-mn"], { input: text });
}
