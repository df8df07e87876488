import { join } from "node:path";
import ts from "typescript";

export const root = join(__dirname, "../..");

/** The files of all programs so far: to parse and bind them takes most of a program's time. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * A program with the options of the repository.
 *
 * @param texts Files that are not on disk.
 * @param more Further options, that make no difference for a file on its own.
 */
export function programOf(
  files: readonly string[],
  more: Pick<ts.CompilerOptions, "paths" | "noUnusedLocals"> = {},
  texts: ReadonlyMap<string, string> = new Map(),
): ts.Program {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options: own } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const options = { ...own, types: ["node"], ...more };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists.call(host, name);
  host.readFile = (name) => texts.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = texts.get(name);
    if (text !== undefined) return ts.createSourceFile(name, text, version);
    if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, version, ...rest));
    return parsed.get(name);
  };
  return ts.createProgram(files, options, host);
}
