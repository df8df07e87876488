import { type Answer, type Script, sh } from "../../remote";

/** What a base is made from: everything that is the same for all roots that share it. */
export interface BaseSpec {
  readonly suite: string;
  /** As dpkg names it; the host's own where it is absent. */
  readonly arch?: string | undefined;
  readonly variant: "minbase" | "important";
  readonly packages: readonly string[];
  readonly components: readonly string[];
  readonly mirrors?: readonly string[] | undefined;
  readonly keyring?: string | undefined;
  readonly builder: "auto" | "mmdebstrap" | "debootstrap";
}

/** A base with all that the host decides. */
export interface ResolvedBase extends BaseSpec {
  readonly key: string;
  readonly arch: string;
  readonly builder: "mmdebstrap" | "debootstrap";
  readonly keyring: string;
  /** Lines of sources.list(5) without `signed-by`; empty where the builder's own default is used. */
  readonly sources: readonly string[];
  /** Lines of apt.conf(5): how the host's own apt reaches its mirrors. */
  readonly aptOptions: readonly string[];
}

const KEYRINGS = [
  "/usr/share/keyrings/debian-archive-keyring.gpg",
  "/usr/share/keyrings/debian-archive-keyring.pgp",
] as const;

/** Suites for which Debian publishes updates and security updates in suites of their own. */
const STABLE = ["bullseye", "bookworm", "trixie"];

/** Part of every key: another way to build makes another base. */
const FORMAT = "1";

/** What makes a tree a machine that boots and has a network: minbase has no init. */
export function bootPackages(suite: string): readonly string[] {
  const resolved = suite === "bullseye" ? [] : ["systemd-resolved"];
  return ["dbus", "iproute2", "libnss-myhostname", "libpam-systemd", "systemd-sysv", ...resolved];
}

/**
 * Decides on the host what the spec leaves open, and sets `base_arch`, `base_builder`, `base_keyring`, `base_sources`,
 * `base_apt_options` and `base_key`. Refuses with `missing` and the Debian packages that have what is lacking.
 */
export function resolveBase(spec: BaseSpec): Script {
  return sh`
base_arch=${spec.arch ?? ""}
[ -n "$base_arch" ] || base_arch=$(dpkg --print-architecture)
base_missing=
command -v systemd-nspawn >/dev/null || base_missing="$base_missing systemd-container"
base_builder=${spec.builder}
if [ "$base_builder" = auto ]; then
  base_builder=mmdebstrap
  if ! command -v mmdebstrap >/dev/null && command -v debootstrap >/dev/null; then base_builder=debootstrap; fi
fi
command -v "$base_builder" >/dev/null || base_missing="$base_missing $base_builder"
base_keyring=${spec.keyring ?? ""}
if [ -n "$base_keyring" ]; then
  [ -f "$base_keyring" ] || refuse no-keyring "$base_keyring"
else
  for base_file in ${KEYRINGS}; do [ -n "$base_keyring" ] || [ ! -f "$base_file" ] || base_keyring=$base_file; done
  [ -n "$base_keyring" ] || base_missing="$base_missing debian-archive-keyring"
fi
[ -z "$base_missing" ] || refuse missing "\${base_missing# }"
base_sources=${spec.mirrors === undefined ? sh`$(host_sources_known)` : givenSources(spec, spec.mirrors).join("\n")}
base_apt_options=$(apt-config dump 2>/dev/null | grep -E '^Acquire::((http|https|ftp)::(Proxy|Timeout)|Check-Valid-Until|Check-Date|ForceIPv[46]|Retries)' || :)
base_key=$(printf '%s\n' ${keyText(spec)} "$base_arch" "$base_builder" "$base_keyring" "$base_sources" | sha256sum | cut -c 1-20)
`;
}

/**
 * The shell function `host_sources_known`: lines of sources.list(5) for the suite from the mirrors of the host's own apt.
 *
 * Where apt has downloaded lists they tell which archive is Debian. Without them, as in a fresh image, it is the one that has
 * the codename's updates too, or the only one with that codename: other vendors name their suites after Debian's.
 */
export function hostSources(spec: BaseSpec): Script {
  const stable = STABLE.includes(spec.suite) ? "yes" : "no";
  const memory = `/run/pulumi-nspawn/sources-${[spec.suite, ...spec.components].join("-").replaceAll("/", "_")}`;
  return sh`
host_archives() {
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian //p'
}
host_archives_unread() {
  apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/\(.*\)/InRelease'.*|\1 \2|p" |
    awk -v codename="$1" '
      $2 == codename { count++; archives[count] = $1 }
      $2 == codename "-updates" { updated[$1] = 1 }
      $2 == codename "-security" && !security { security = $1 }
      END {
        for (i = 1; i <= count; i++) if (count == 1 || archives[i] in updated) { print archives[i], codename; break }
        if (security) print security, codename "-security"
      }'
}
host_sources() {
  (
    . /etc/os-release
    [ "$ID" = debian ] || exit 0
    host_found=$(host_archives)
    [ -n "$host_found" ] || host_found=$(host_archives_unread "\${VERSION_CODENAME-}")
    printf '%s\n' "$host_found" | awk -v suite=${spec.suite} -v components=${spec.components.join(" ")} -v stable=${stable} '
      $1 !~ /^https?:/ || $1 ~ /@/ { next }
      { sub(/\/$/, "", $1) }
      $2 ~ /-security$|\/updates$/ { if (!security) security = $1; next }
      $2 ~ /^[a-z]+$/ { if (!archive) archive = $1 }
      END {
        if (!archive) exit
        print "deb " archive " " suite " " components
        if (stable != "yes") exit
        print "deb " archive " " suite "-updates " components
        if (security) print "deb " security " " suite "-security " components
      }'
  )
}
# apt takes a tenth of a second to tell, which many roots of one program would each wait for.
host_sources_known() {
  if [ ! -f ${memory} ] || [ -n "$(find /etc/apt /var/lib/apt/lists -newer ${memory} -print -quit 2>/dev/null)" ]; then
    mkdir -p /run/pulumi-nspawn
    host_sources >${memory}."$$"
    mv -f -- ${memory}."$$" ${memory}
  fi
  cat ${memory}
}
`;
}

/** Answers what {@link resolveBase} decided. */
export const answerBase: Script = sh`
answer base "$base_key" "$base_arch" "$base_builder" "$base_keyring" "$base_sources" "$base_apt_options"
`;

/** Reads what {@link answerBase} answered. */
export function resolvedBaseOf(spec: BaseSpec, answers: readonly Answer[]): ResolvedBase {
  const [key = "", arch = "", builder = "", keyring = "", sources = "", options = ""] =
    answers.findLast((answer) => answer.key === "base")?.values ?? [];
  const filled = (text: string) => text.split("\n").filter((line) => line !== "");
  return {
    ...spec,
    key,
    arch,
    builder: builder === "debootstrap" ? "debootstrap" : "mmdebstrap",
    keyring,
    sources: filled(sources),
    aptOptions: filled(options),
  };
}

/** A whole entry is taken as it is, a URL alone becomes one for the suite. */
function givenSources(spec: BaseSpec, mirrors: readonly string[]): string[] {
  return mirrors.map((mirror) =>
    mirror.startsWith("deb ") ? mirror : `deb ${mirror} ${spec.suite} ${spec.components.join(" ")}`,
  );
}

function keyText(spec: BaseSpec): string[] {
  return [
    FORMAT,
    spec.suite,
    spec.variant,
    spec.components.join(" "),
    [...bootPackages(spec.suite), ...spec.packages].join(" "),
  ];
}
