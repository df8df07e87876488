import { compare } from "../faults/census";
import { expectedFacts } from "./expected";
import { leftovers } from "./leftovers";
import { observedFacts } from "./observed";
import type { HostModel } from "./programs/schema";
import { pathsOf, type UserFiles } from "./survivors";

/** What a host is judged by. */
export interface Findings {
  /** The output of `facts.sh`. */
  readonly facts: string;
  readonly census: readonly string[];
  /** The census of the host before any run. */
  readonly baseline: readonly string[];
}

/** All differences between a host and what a program declares, a line each. */
export function problemsOf(host: HostModel, files: UserFiles, { facts, census, baseline }: Findings): string[] {
  const observed = observedFacts(facts);
  const { missing, orphans } = compare(expectedFacts(host, files.sources), judgedFacts(observed, host));
  const more = compare(baseline, census).orphans;
  return [
    ...lostFiles(observed, files).map((path) => `lost: ${path}`),
    ...missing.map((line) => `missing: ${line}`),
    ...[...orphans, ...leftovers(more, host, files)].map((line) => `orphan: ${line}`),
  ];
}

function lostFiles(observed: readonly string[], files: UserFiles): string[] {
  return pathsOf(files).filter((path) => !observed.includes(`kept ${path}`));
}

/** Without a user's files, and without what was done in a machine by something that is gone: that stays there. */
function judgedFacts(observed: readonly string[], { provisions }: HostModel): string[] {
  const provisioned = new Set(Object.values(provisions).map(({ machine }) => machine));
  return observed.filter((line) => {
    const [what, machine = ""] = line.split(" ");
    if (what === "step" || what === "provisioned") return provisioned.has(machine);
    return what !== "kept";
  });
}
