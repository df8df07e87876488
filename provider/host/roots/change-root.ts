import { createHash } from "node:crypto";
import { NO_RETRY_DELAY } from "../../apt";
import { lines, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { identify } from "../identity";
import type { LongWork } from "../long-work/transient-unit";
import { sh } from "../sh";
import { bootPackages } from "./base";
import { type Customisation, customise } from "./customise";
import { rootLock } from "./generations";
import { insideText } from "./in-root";
import type { RootKey } from "./remove-root";

const LOCK_SECONDS = 300;
const APT_LOCK_SECONDS = 120;

/** Refuses with `lost` if the generation no longer exists, with `owned` if it has another owner. */
function own(root: RootKey): Script {
  return lines([
    sh`set -e`,
    sh`
root_name=${root.name}; root_generation=${root.generation}
root_file=$roots/$root_name@$root_generation.json
[ -e "$root_file" ] || refuse lost "$root_name@$root_generation"
[ "$(marker_field "$root_file" owner)" = ${root.owner} ] || refuse owned "$(marker_field "$root_file" urn)"
`,
  ]);
}

/** Applies changes in the running machine or in the stopped root, and answers the root as it is then. */
export function changeRoot(root: RootKey, to: Customisation): Script {
  const script = customise(to);
  const apply = sh`printf %s ${script === undefined ? "" : insideText(script)} | in_root "$root_name" "$root_generation" >&2 || refuse customise`;
  return lines([
    own(root),
    exclusively(
      rootLock(root.name),
      LOCK_SECONDS,
      lines([
        sh`generation_recover "$root_name"`,
        script === undefined ? sh`:` : apply,
        sh`
root_tree=$(generation_path "$root_name" "$root_generation")
[ -n "$root_tree" ] || refuse lost "$root_name@$root_generation"
generation_tell root-made "$root_name" "$root_generation" "$root_tree"
`,
      ]),
    ),
  ]);
}

export interface PackageChange {
  /** All packages that should be installed; those already installed are left as they are. */
  readonly wanted: readonly string[];
  /** Packages to remove if they are installed. Those that the root needs to boot are never removed. */
  readonly unwanted: readonly string[];
}

/** What decides which packages stay although they are no longer asked for. */
export interface Birth {
  readonly suite: string;
  readonly variant: "minbase" | "important";
}

/** Applies a change of packages in one apt transaction, in the running machine or in the stopped root. */
export function packageWork(
  root: RootKey,
  change: PackageChange,
  { suite, variant }: Birth,
  machineId: string,
): LongWork {
  const keep = new Set(bootPackages(suite));
  const priorities = variant === "important" ? ["required", "important"] : ["required"];
  const hash = createHash("sha256").update(JSON.stringify(change)).digest("hex").slice(0, 8);
  const inside = insideText(sh`
package_installed() { [ "$(dpkg-query -W -f '\${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
package_removable() {
  [ "$(dpkg-query -W -f '\${Essential}' "$1")" != yes ] || return 1
  for package_priority in ${priorities}; do [ "$(dpkg-query -W -f '\${Priority}' "$1")" != "$package_priority" ] || return 1; done
}
package_changes=
for package in ${change.wanted}; do package_installed "$package" || package_changes="$package_changes $package"; done
package_added=$package_changes
for package in ${change.unwanted.filter((name) => !keep.has(name))}; do
  if package_installed "$package" && package_removable "$package"; then package_changes="$package_changes $package-"; fi
done
[ -n "$package_changes" ] || exit 0
APT_CONFIG=/run/pulumi-nspawn-apt.conf; export APT_CONFIG
printf %s "$package_options" | base64 -d >"$APT_CONFIG"
echo ${NO_RETRY_DELAY.line} >>"$APT_CONFIG"
apt_waits() { echo "pulumi-nspawn: waiting for another run of apt: $1"; }
package_apt() { apt_patiently ${APT_LOCK_SECONDS} apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; }
package_status=0
{ [ -z "$package_added" ] || package_apt update; } && package_apt install $package_changes || package_status=$?
rm -f -- "$APT_CONFIG"
exit "$package_status"
`);
  return {
    unit: `pulumi-nspawn-packages-${root.name}-${root.generation}-${hash}`,
    description: `Change packages in ${root.name}`,
    done: lines([identify(machineId), own(root), sh`false`]),
    script: lines([
      sh`
answer() { :; }
refuse() { echo "E: $*"; exit 65; }
`,
      own(root),
      sh`
package_options=$(apt-config dump 2>/dev/null | grep -E '^Acquire::(Check-Valid-Until|Check-Date|Retries|(http|https|ftp)::(Proxy|Timeout))' || :)
# A proxy on the host's loopback cannot be reached from a machine with its own network.
if systemctl -q is-active "systemd-nspawn@$root_name.service"; then
  package_options=$(printf '%s\n' "$package_options" | grep -vE '::Proxy "[a-z]+://(127\.|localhost|\[::1\])' || :)
fi
{ printf 'package_options=%s\n' "$(printf '%s\n' "$package_options" | base64 -w 0)"; printf %s ${inside}; } | in_root "$root_name" "$root_generation"
`,
    ]),
  };
}
