import { lines, type Script, sh } from "../../remote";
import { exclusively } from "../exclusion";
import { fileFunctions } from "../files";
import { answerBase, type BaseSpec, hostSources, resolveBase } from "./base";
import { cacheFunctions } from "./cache";
import { type Customisation, customise } from "./customise";
import { generationFunctions, generationTelling, rootLock } from "./generations";
import { inRoot, insideText } from "./in-root";

/** What a root shall be, when it is made. */
export interface RootPlan {
  readonly name: string;
  readonly owner: string;
  readonly generation: string;
  readonly urn: string;
  readonly base: BaseSpec;
  readonly customisation: Customisation;
  /** Bases older than that are not used; 0 is any age. */
  readonly maxAgeDays: number;
  /** Where it is given, the base is built for this root alone, under a key with this end, and is not kept. */
  readonly privately?: string | undefined;
  /** Whether a finished root of the same URN may be replaced. */
  readonly replace: boolean;
  readonly adopt: boolean;
}

const LOCK_SECONDS = 900;

/**
 * Observes, then makes the root from its base, aside, and gives it the name if that is free; answers `base-missing` where
 * the base has to be built first, and then changes nothing.
 *
 * Refuses with `owned`, `foreign`, `replaces`, `adopt-suite`, `no-space`, and what `resolveBase` refuses with.
 */
export function createRoot(plan: RootPlan): Script {
  return lines([
    sh`set -e`,
    fileFunctions,
    generationFunctions,
    cacheFunctions,
    inRoot,
    generationTelling,
    functions(plan),
    hostSources(plan.base),
    exclusively(rootLock(plan.name), LOCK_SECONDS, ensure(plan)),
  ]);
}

function functions(plan: RootPlan): Script {
  return sh`
root_name=${plan.name}; root_generation=${plan.generation}; root_owner=${plan.owner}; root_urn=${JSON.stringify(plan.urn)}
root_cache_key=; base_builder=; base_arch=$(dpkg --print-architecture)

root_marker() {
  root_file=$roots/$root_name@$root_generation.json
  file_present "$root_file" "{
  \"owner\": \"$root_owner\",
  \"urn\": $root_urn,
  \"generation\": \"$root_generation\",
  \"created\": \"$root_created\",
  \"architecture\": \"$base_arch\",
  \"builtWith\": \"$base_builder\",
  \"cacheKey\": \"$root_cache_key\",
  \"complete\": $1,
  \"identity\": \"$2\",
  \"version\": 1
}
" 0644 || :
}

# The time, but later than any other generation's: the newest is told by it, and a clock may have gone back.
root_now() {
  root_newest=$(for root_now_file in "$roots/$root_name@"*.json; do [ ! -e "$root_now_file" ] || generation_text "$root_now_file" created; done | sort | tail -n 1)
  root_clock=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
  if [ "$(printf '%s\n' "$root_clock" "$root_newest" | sort | tail -n 1)" = "$root_newest" ]; then root_clock=$root_newest+; fi
  printf '%s\n' "$root_clock"
}

root_answer() { generation_tell root-made "$root_name" "$root_generation" "$1"; }

root_discard() {
  root_rest=$(generation_waiting "$root_name" "$1")
  if [ -e "$root_rest" ]; then image_guard "$root_rest"; image_remove "$root_rest"; fi
  rm -f -- "$roots/$root_name@$1.json"
}

# Finds what stands in the way: a finished root of this very create (its answer was lost), of this URN, of somebody else.
# What is unfinished is nobody's work any more, since the lock is ours; its base is in the cache.
root_observe() {
  root_mine= root_ours= root_other=
  for root_marker_file in "$roots/$root_name@"*.json; do
    [ -e "$root_marker_file" ] || continue
    root_found=$(generation_of_marker "$root_marker_file")
    if ! grep -qxF '  "complete": true,' "$root_marker_file"; then root_discard "$root_found"
    elif [ -z "$(generation_path "$root_name" "$root_found")" ]; then rm -f -- "$root_marker_file" # its tree was removed by hand
    elif [ "$(generation_text "$root_marker_file" owner)" = "$root_owner" ]; then root_mine=$root_found
    elif [ "$(generation_field "$root_marker_file" urn)" = "$root_urn" ]; then root_ours=$root_found
    else root_other=$root_found; fi
  done
}

# Takes over the tree that has the name, and changes nothing in it.
root_adopt() {
  root_tree=$images/$root_name
  [ ! -L "$root_tree" ] || refuse image-symlink "$root_tree" "$(readlink -- "$root_tree")"
  root_codename=$(sed -n 's/^VERSION_CODENAME="\{0,1\}\([a-z]*\)"\{0,1\}$/\1/p' "$root_tree/usr/lib/os-release" 2>/dev/null) || :
  [ -n "$root_codename" ] || refuse adopt-nothing "$root_tree"
  [ "$root_codename" = ${plan.base.suite} ] || [ ${plan.base.suite} = sid ] || refuse adopt-suite "$root_tree" "$root_codename"
  root_holder=$(generation_holder "$root_name")
  root_created=$(root_now)
  if [ -n "$root_holder" ]; then
    root_generation=$root_holder
    root_created=$(generation_text "$roots/$root_name@$root_holder.json" created)
    base_builder=$(generation_text "$roots/$root_name@$root_holder.json" builtWith)
  fi
  root_marker true "$(image_identity "$root_tree")"
  root_answer "$root_tree"
}

root_build() {
  [ "$root_free" -ge "$root_need" ] || refuse no-space "$root_need" "$root_free"
  trap 'root_discard "$root_generation"' EXIT
  root_created=$(root_now)
  root_tree=$(generation_waiting "$root_name" "$root_generation")
  root_marker false ""
  answer progress 'copying the base'
  ${plan.privately === undefined ? sh`cache_copy` : sh`cache_take`} "$root_from" "$root_tree"
${personalise(plan.customisation)}
  # A client that is gone cannot be told: this line then ends the script, and the next create begins anew.
  answer progress finished
  root_identity=$(image_identity "$root_tree")
  trap - EXIT
  root_marker true "$root_identity"
  if [ ! -e "$images/$root_name" ] && [ ! -L "$images/$root_name" ]; then
    mv -T -- "$root_tree" "$images/$root_name"
    root_tree=$images/$root_name
  fi
  root_answer "$root_tree"
}
`;
}

function personalise(to: Customisation): Script {
  const script = customise(to);
  if (script === undefined) return sh`:`;
  return sh`
  answer progress customising
  printf %s ${insideText(script)} | in_new_tree "$root_tree" >&2 || refuse customise
`;
}

function ensure(plan: RootPlan): Script {
  return sh`
generation_recover "$root_name"
root_observe
root_at=$images/$root_name
if [ -n "$root_mine" ]; then
  root_generation=$root_mine
  root_answer "$(generation_path "$root_name" "$root_mine")"
elif [ ${yes(plan.adopt)} = yes ] && [ -d "$root_at" ] && { [ -z "$root_ours" ] || [ ${yes(plan.replace)} = no ]; }; then
  root_adopt
else
  if [ -n "$root_other" ]; then refuse owned "$(generation_text "$roots/$root_name@$root_other.json" urn)"; fi
  if [ -e "$root_at" ] || [ -L "$root_at" ]; then [ -n "$(generation_holder "$root_name")" ] || refuse foreign "$root_at"; fi
  [ -z "$root_ours" ] || [ ${yes(plan.replace)} = yes ] || refuse replaces "$(generation_path "$root_name" "$root_ours")"
${resolveBase(plan.base)}
  root_from=$base_key${plan.privately === undefined ? sh`` : sh`-${plan.privately}`}
  root_free=$(df --output=avail -B1 "$images" | tail -n 1 | tr -d ' ')
  if cache_has "$root_from" ${plan.maxAgeDays}; then
    ${plan.privately === undefined ? sh`root_cache_key=$base_key; root_need=$(cache_bytes "$root_from")` : sh`root_need=0`}
    root_build
  else
    root_need=$(cache_build_bytes ${plan.base.variant})
    [ "$root_free" -ge "$root_need" ] || refuse no-space "$root_need" "$root_free"
${answerBase}
    answer base-missing "$root_from"
  fi
fi
`;
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
