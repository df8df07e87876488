import type { Answer, Script } from "../../remote";
import { sh } from "../sh";

/** What a base is built from: everything that is the same for all roots that share it. */
export interface BaseSpec {
  readonly suite: string;
  /** As dpkg names it; the host's own if absent. */
  readonly arch?: string | undefined;
  readonly variant: "minbase" | "important";
  /** Each `NAME`, or `NAME=VERSION`, with an asterisk for any end. */
  readonly packages: readonly string[];
  readonly components: readonly string[];
  readonly mirrors?: readonly string[] | undefined;
  readonly keyring?: string | undefined;
  readonly builder: "auto" | "mmdebstrap" | "debootstrap";
}

/** A base with everything that the host decides. */
export interface ResolvedBase extends BaseSpec {
  readonly key: string;
  readonly arch: string;
  readonly builder: "mmdebstrap" | "debootstrap";
  readonly keyring: string;
  /** Lines of sources.list(5) without `signed-by`; empty if the builder's own default is used. */
  readonly sources: readonly string[];
}

const KEYRINGS = [
  "/usr/share/keyrings/debian-archive-keyring.gpg",
  "/usr/share/keyrings/debian-archive-keyring.pgp",
] as const;

/** Suites for which Debian publishes updates and security updates in separate suites. */
const STABLE = ["bullseye", "bookworm", "trixie"];

/** Part of every key: a change in how bases are built makes a different base. */
const FORMAT = "2";

/** The packages that a tree needs to boot and to have a network: minbase has no init. */
export function bootPackages(suite: string): readonly string[] {
  const resolved = suite === "bullseye" ? [] : ["systemd-resolved"];
  return ["dbus", "iproute2", "libnss-myhostname", "libpam-systemd", "systemd-sysv", ...resolved];
}

/**
 * Decides on the host what the spec leaves open, and sets `base_arch`, `base_builder`, `base_keyring`, `base_sources` and
 * `base_key`. Refuses with `missing` and the Debian packages that provide what is missing.
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
${spec.mirrors === undefined ? sh`host_sources_known; base_sources=$host_known` : sh`base_sources=${givenSources(spec, spec.mirrors).join("\n")}`}
base_key=$(printf '%s\n' ${keyText(spec)} "$base_arch" "$base_builder" "$base_keyring" "$base_sources" | sha256sum | cut -c 1-20)
`;
}

/** Sets the variables that the functions about the host's own mirrors use. */
export function hostSources(spec: BaseSpec): Script {
  const stable = STABLE.includes(spec.suite) ? "yes" : "no";
  const memory = `/run/pulumi-nspawn/sources-${[spec.suite, ...spec.components].join("-").replaceAll("/", "_")}`;
  return sh`host_suite=${spec.suite} host_components=${spec.components.join(" ")} host_stable=${stable} host_memory=${memory}`;
}

/** Answers what {@link resolveBase} decided. */
export const answerBase: Script = sh`
answer base "$base_key" "$base_arch" "$base_builder" "$base_keyring" "$base_sources"
`;

/** Reads what {@link answerBase} answered. */
export function resolvedBaseOf(spec: BaseSpec, answers: readonly Answer[]): ResolvedBase {
  const [key = "", arch = "", builder = "", keyring = "", sources = ""] =
    answers.findLast((answer) => answer.key === "base")?.values ?? [];
  return {
    ...spec,
    key,
    arch,
    builder: builder === "debootstrap" ? "debootstrap" : "mmdebstrap",
    keyring,
    sources: sources.split("\n").filter((line) => line !== ""),
  };
}

/** A complete entry is used as it is; a bare URL becomes an entry for the suite. */
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
