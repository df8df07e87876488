import { z } from "zod";
import { type Answer, lines, type Script } from "../../remote";
import { sh } from "../sh";
import { type DirectoryPlan, MARKERS, shortMode } from "./source-plan";

/** Answers every source that a resource of ours has on the host. */
export const sourcesInventory: Script = lines([
  sh`
for source_marker in ${MARKERS}/*.json; do
  [ -e "$source_marker" ] || continue
  source_path=$(marker_field "$source_marker" path)
  source_leads=$(realpath -m -- "$source_path")
  if [ "$source_leads" != "$source_path" ]; then source_kind="a symbolic link"
  elif [ -e "$source_path" ]; then source_kind=$(stat -c %F -- "$source_path")
  else source_kind=missing; fi
  answer source "$(marker_field "$source_marker" owner)" "$source_kind" "$(stat -c '%u %U %g %G %a' -- "$source_path" 2>/dev/null || :)" "$source_leads" "$source_path"
done
`,
]);

/** A source as the inventory saw it. */
export interface FoundSource {
  /** As stat(1) calls it, or `missing`, or `a symbolic link`. */
  readonly kind: string;
  /** Number and name of each. */
  readonly owner: readonly [string, string];
  readonly group: readonly [string, string];
  readonly mode: string;
  /** Where its path leads: the path itself, if there is no link in it. */
  readonly leadsTo: string;
}

const foundSchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()]);

/** The source of an owner, as {@link sourcesInventory} answered it. */
export function sourceOf(answers: readonly Answer[], owner: string): FoundSource | undefined {
  const values = answers.find((answer) => answer.key === "source" && answer.values[0] === owner)?.values;
  if (values === undefined) return undefined;
  const [, kind = "missing", stat = "", leadsTo = ""] = values;
  const [uid, user, gid, group, mode] = foundSchema.safeParse(stat.split(" ")).data ?? ["", "", "", "", ""];
  return { kind, owner: [uid, user], group: [gid, group], mode, leadsTo };
}

/** Where the path of a source leads, as {@link sourcesInventory} answered it; the path itself if it is of no resource. */
export function leadOf(answers: readonly Answer[], path: string): string {
  const found = answers.find(({ key, values }) => key === "source" && values[4] === path);
  return found?.values[3] ?? path;
}

/** How a directory on the host differs from its plan, by name. */
export function directoryDrift(plan: DirectoryPlan, found: FoundSource): Record<string, string> {
  const other = (wanted: number | string, has: readonly [string, string]) => !has.includes(String(wanted));
  return {
    ...(other(plan.owner, found.owner) && { owner: `it belongs to ${found.owner[1]} (${found.owner[0]})` }),
    ...(other(plan.group, found.group) && { group: `its group is ${found.group[1]} (${found.group[0]})` }),
    ...(shortMode(plan.mode) !== found.mode && { mode: `it is ${found.mode}` }),
  };
}
