import { createHash } from "node:crypto";
import { NO_RETRY_DELAY } from "../../apt";
import { lines, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { identify } from "../identity";
import type { Job } from "../jobs/transient-unit";
import { aboutClaim } from "../ownership";
import { sh } from "../sh";
import { bootPackages } from "./base";
import { type Customisation, customise } from "./customise";
import { rootLock } from "./generations";
import { insideText } from "./in-root";
import { markerPath, type RootKey } from "./remove-root";

const LOCK_SECONDS = 300;
const APT_LOCK_SECONDS = 120;

/** Refuses with `lost` if the generation no longer exists, with `claimed` if it has another owner. */
function own(root: RootKey): Script {
  return lines([
    sh`set -e`,
    aboutClaim(root.claim),
    sh`
root_name=${root.name}; root_generation=${root.generation}
claim_own ${markerPath(root)}
`,
  ]);
}

/**
 * Applies changes in the running machine or in the stopped root, and answers the root as it is then, and what the last
 * change of packages has noted.
 */
export function changeRoot(root: RootKey, to: Customisation): Script {
  const script = customise(to);
  const apply = sh`printf %s ${script === undefined ? "" : insideText(script)} | in_root "$root_name" "$root_generation" >&2 || refuse customise`;
  return lines([
    own(root),
    exclusively(
      rootLock(root.name),
      LOCK_SECONDS,
      lines([
        sh`
generation_recover "$root_name"
claim_acknowledge ${markerPath(root)} "$claim_owner"
root_sweep "$root_generation"
`,
        script === undefined ? sh`:` : apply,
        sh`
root_tree=$(generation_path "$root_name" "$root_generation")
[ -n "$root_tree" ] || refuse lost "$root_name@$root_generation"
answer packages "$(tree_read "$root_tree" "\${package_record#/}" 65536)"
generation_answer root-made "$root_name" "$root_generation" "$root_tree"
`,
      ]),
    ),
  ]);
}

export interface PackageChange {
  /** All packages that should be installed; those already installed are left as they are. */
  readonly wanted: readonly string[];
  /** Those of them that the program asks for itself. */
  readonly listed: readonly string[];
  /** Versions of some of them, each as `NAME=VERSION`, with an asterisk for any end. */
  readonly pins: readonly string[];
  /** What the program asks for no longer. What the root needs to boot never goes. */
  readonly unwanted: readonly string[];
  /** All that the program asked for before, for a root without a record of it. */
  readonly former: readonly string[];
}

/** What decides which packages stay although they are no longer asked for. */
export interface InitialConfiguration {
  readonly suite: string;
  readonly variant: "minbase" | "important";
}

/** Applies a change of packages in one apt transaction, in the running machine or in the stopped root. */
export function packageJob(
  root: RootKey,
  change: PackageChange,
  { suite, variant }: InitialConfiguration,
  machineId: string,
): Job {
  const priorities = variant === "important" ? ["required", "important"] : ["required"];
  const hash = createHash("sha256").update(JSON.stringify(change)).digest("hex").slice(0, 8);
  const inside = insideText(sh`
package_wanted=${change.wanted.join(" ")} package_listed=${change.listed.join(" ")} package_pins=${change.pins.join(" ")}
package_unwanted=${change.unwanted.join(" ")} package_former=${change.former.join(" ")}
package_needed=${bootPackages(suite).join(" ")}
package_priorities=${priorities.join(" ")} package_retries=${NO_RETRY_DELAY.line} package_patience=${APT_LOCK_SECONDS}
package_change
`);
  const unit = `pulumi-nspawn-packages-${root.name}-${root.generation}-${hash}`;
  return {
    unit,
    description: `Change packages in ${root.name}`,
    prepare: lines([identify(machineId), own(root)]),
    done: sh`false`,
    script: lines([
      sh`plain_refusals`,
      own(root),
      sh`in_root_network=mirrors; in_job_limits ${`${unit}.service`}`,
      sh`
package_options=$(apt_guest_options)
# A proxy on the host's loopback cannot be reached from a machine with its own network.
if systemctl -q is-active "systemd-nspawn@$root_name.service"; then
  package_options=$(printf '%s\n' "$package_options" | grep -vE '::Proxy "[a-z]+://(127\.|localhost|\[::1\])' || :)
fi
{ printf 'package_options=%s\n' "$(printf '%s\n' "$package_options" | base64 -w 0)"; printf %s ${inside}; } | in_root "$root_name" "$root_generation"
`,
    ]),
  };
}
