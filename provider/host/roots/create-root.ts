import { lines, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { aboutClaim, type Claim } from "../ownership";
import { sh } from "../sh";
import { answerBase, type BaseSpec, hostSources, resolveBase } from "./base";
import { type Customisation, customise } from "./customise";
import { rootLock } from "./generations";
import { insideText } from "./in-root";

/** The desired state of a root when it is created. */
export interface RootPlan {
  readonly name: string;
  readonly claim: Claim;
  readonly generation: string;
  readonly base: BaseSpec;
  readonly customisation: Customisation;
  /** Bases older than this are not used; 0 allows any age. */
  readonly maxAgeDays: number;
  /** If given, the base is built for this root only, under a key with this suffix, and is not kept. */
  readonly privately?: string | undefined;
  /** A checksum of all that a root is made of, except its password. */
  readonly birth: string;
  /** Whether a finished root of the same resource may be replaced. */
  readonly replace: boolean;
}

const LOCK_SECONDS = 900;

/**
 * Observes, then creates the root from its base under a temporary name, and gives it its name if that is free. If the
 * base has to be built first, answers `base-missing` and changes nothing. Answers `kept` if it took over a root of this
 * resource instead.
 *
 * Refuses with `claimed`, `foreign`, `replaces`, `adopt-suite`, `no-space`, `no-inodes`, and what `resolveBase` refuses
 * with.
 */
export function createRoot(plan: RootPlan): Script {
  return lines([
    sh`set -e`,
    aboutClaim(plan.claim),
    about(plan),
    hostSources(plan.base),
    exclusively(rootLock(plan.name), LOCK_SECONDS, ensure(plan)),
  ]);
}

/** Sets the variables that the functions about roots use. */
function about(plan: RootPlan): Script {
  const script = customise(plan.customisation);
  return sh`
root_name=${plan.name}; root_generation=${plan.generation}; root_urn_json=${JSON.stringify(plan.claim.urn)}
root_suite=${plan.base.suite}; root_variant=${plan.base.variant}; root_arch=${plan.base.arch ?? ""}; root_birth=${plan.birth}
root_copy=${plan.privately === undefined ? "cache_copy" : "cache_take"}
root_customisation=${script === undefined ? "" : insideText(script)}
${plan.customisation.setup === undefined ? sh`:` : sh`in_root_network=mirrors`}
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
elif [ -n "$root_again" ]; then root_keep
elif [ "$claim_adopts" = yes ] && [ -d "$root_at" ] && { [ -z "$root_ours" ] || [ ${yes(plan.replace)} = no ]; }; then
  root_adopt
else
  if [ -n "$root_other" ]; then refuse claimed "$(marker_field "$roots/$root_name@$root_other.json" urn)"; fi
  if [ -e "$root_at" ] || [ -L "$root_at" ]; then [ -n "$(generation_holder "$root_name")" ] || refuse foreign "$root_at"; fi
  [ -z "$root_ours" ] || [ ${yes(plan.replace)} = yes ] || refuse replaces "$(generation_path "$root_name" "$root_ours")"
  if [ -n "$root_leftover" ]; then root_finish; else
${build(plan)}
  fi
fi
`;
}

function build(plan: RootPlan): Script {
  return sh`
${resolveBase(plan.base)}
  root_from=$base_key${plan.privately === undefined ? sh`` : sh`-${plan.privately}`}
  cache_sweep; root_sweep_removals
  if cache_has "$root_from" ${plan.maxAgeDays}; then
    ${plan.privately === undefined ? sh`root_cache_key=$base_key; root_need=$(cache_bytes "$root_from") root_need_inodes=$(cache_inodes "$root_from")` : sh`root_need=0 root_need_inodes=0`}
    root_build
  else
    cache_room "$(cache_build_bytes ${plan.base.variant})" "$(cache_build_inodes ${plan.base.variant})"
${answerBase}
    answer base-missing "$root_from"
  fi
`;
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
