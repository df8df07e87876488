import { has, type Place } from "./model";
import type { HostModel, Model } from "./programs/schema";

/** A user's files on one host, by the root or the directory that they are in. */
export interface UserFiles {
  readonly roots: readonly string[];
  readonly sources: readonly string[];
}

export const noFiles: UserFiles = { roots: [], sources: [] };

/** The files that must still be there after a step: a root loses them when it is removed or replaced, a directory never. */
export function survivors(
  files: readonly UserFiles[],
  after: Model | undefined,
  replace: Place | undefined,
): UserFiles[] {
  return files.map(({ roots, sources }, host) => ({
    roots: roots.filter((name) => {
      const root: Place = { host, kind: "roots", name };
      const isReplaced = replace?.host === host && replace.kind === "roots" && replace.name === name;
      return after !== undefined && has(after, root) && !isReplaced;
    }),
    sources,
  }));
}

/** The files that there are once a user has put one into each root and directory of a program. */
export function planted(files: UserFiles, { roots, mounts }: HostModel): UserFiles {
  const sources = Object.values(mounts).map(({ source }) => source);
  return { roots: Object.keys(roots), sources: [...new Set([...files.sources, ...sources])].sort() };
}

export function pathsOf({ roots, sources }: UserFiles): string[] {
  return [...roots.map((name) => `/var/lib/machines/${name}/root/kept`), ...sources.map((source) => `${source}/kept`)];
}

/** Shell that puts them there; a file that is there stays as it is. In a guest, its first process has other user IDs. */
export function plantScript({ roots, sources }: UserFiles): string {
  return [
    ...roots.map((name) => {
      const directory = `/var/lib/machines/${name}/root`;
      return `[ -e ${directory}/kept ] || { echo mine >${directory}/kept; chown --reference=${directory} ${directory}/kept; }`;
    }),
    ...sources.map((source) => `[ -e ${source}/kept ] || echo mine >${source}/kept`),
    ":",
  ].join("\n");
}
