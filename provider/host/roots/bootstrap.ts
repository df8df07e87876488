import { NO_RETRY_DELAY } from "../../apt";
import { lines, type Script } from "../../remote";
import { sh } from "../sh";
import { bootPackages, type ResolvedBase } from "./base";
import { CACHE, publish } from "./cache";
import { insideText } from "./in-root";
import { nameOf, versionOf } from "./package-specs";

/** Where a base is built before it gets its name; an interrupted build starts from scratch. */
function buildPath(key: string): string {
  return `${CACHE}/.building-${key}`;
}

/** Removes what a build left that did not succeed. */
export function discardBuild(key: string): Script {
  return sh`plain_refusals; cache_discard ${key}`;
}

/**
 * Builds a base and puts it into the cache; runs as a transient unit on the host.
 *
 * The builder gets its own mount namespace: otherwise what mmdebstrap unmounts at its end, including /sys/fs/cgroup,
 * would disappear outside it, too.
 */
export function buildBase(base: ResolvedBase, key: string): Script {
  const path = buildPath(key);
  return lines([
    sh`
plain_refusals
mkdir -p -m 0700 -- ${CACHE}
base_tree=${path}
if [ -e "$base_tree" ]; then image_guard "$base_tree"; image_remove "$base_tree"; fi
base_work=$(mktemp -d)
echo 'pulumi-nspawn: starting'
image_create "$base_tree"
( umask 077; { apt_options; printf '%s\n' ${NO_RETRY_DELAY.line}; } >"$base_work/apt.conf" )
if [ -e /etc/apt/auth.conf ] || [ -d /etc/apt/auth.conf.d ]; then
  printf 'Dir::Etc::netrc "/etc/apt/auth.conf";\nDir::Etc::netrcparts "/etc/apt/auth.conf.d";\n' >>"$base_work/apt.conf"
fi
`,
    base.builder === "mmdebstrap" ? mmdebstrap(base) : debootstrap(base),
    sh`echo 'pulumi-nspawn: preparing it to boot'`,
    finish(base),
    sh`rm -rf -- "$base_work"; echo 'pulumi-nspawn: storing the base'`,
    publish(base, key, path),
  ]);
}

/**
 * dpkg syncs each file to disk, which takes longer than everything else. A base only counts once all of it is on disk.
 */
const UNSAFE_IO = "force-unsafe-io";

function mmdebstrap(base: ResolvedBase): Script {
  const flags = [
    "--verbose",
    "--mode=unshare",
    "--format=directory",
    `--variant=${base.variant}`,
    `--architectures=${base.arch}`,
    `--components=${base.components.join(",")}`,
    `--include=${includes(base).join(",")}`,
    `--keyring=${base.keyring}`,
    `--dpkgopt=${UNSAFE_IO}`,
  ];
  const sources = base.sources.map((line) => signedBy(line, base.keyring));
  return sh`unshare --mount --propagation private mmdebstrap ${flags} --aptopt="$base_work/apt.conf" ${base.suite} "$base_tree" ${sources}
rm -f -- "$base_tree/etc/apt/apt.conf.d/99mmdebstrap" "$base_tree/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
`;
}

/**
 * debootstrap supports one suite of one mirror, and not apt: apt inside the new tree installs the requested packages.
 */
function debootstrap(base: ResolvedBase): Script {
  const mirror = base.sources
    .map((line) => /^deb (?:\[[^\]]*\] )?(\S+) (\S+)/.exec(line))
    .find((found) => found?.[2] === base.suite)?.[1];
  const flags = [
    ...(base.variant === "minbase" ? ["--variant=minbase"] : []),
    `--arch=${base.arch}`,
    `--components=${base.components.join(",")}`,
    `--include=${["ca-certificates", ...bootPackages(base.suite)].join(",")}`,
    `--keyring=${base.keyring}`,
    "--force-check-gpg",
  ];
  // A release newer than the host's debootstrap has no script there; Debian's scripts have all been alike for years.
  const fallback = sh`$([ -e /usr/share/debootstrap/scripts/${base.suite} ] || echo /usr/share/debootstrap/scripts/sid)`;
  const packages = insideText(sh`
apt-get -q update
apt-get -q -y --no-install-recommends dist-upgrade
apt-get -q -y --no-install-recommends install ${includes(base)}
`);
  return sh`
( umask 077; apt_wgetrc "$base_work/apt.conf" >"$base_work/wgetrc" )
base_mirror=${mirror ?? ""}
base_script=${fallback}
if [ -n "$base_script" ] && [ -z "$base_mirror" ]; then refuse "debootstrap on this host does not know the suite: set mirrors, or use the builder mmdebstrap"; fi
mkdir -p -- "$base_tree/etc/dpkg/dpkg.cfg.d"
echo ${UNSAFE_IO} >"$base_tree/etc/dpkg/dpkg.cfg.d/99pulumi-build"
# shellcheck disable=SC2086 # a word or none
WGETRC="$base_work/wgetrc" unshare --mount --propagation private debootstrap ${flags} ${base.suite} "$base_tree" $base_mirror $base_script
find "$base_tree/dev" -xdev -mindepth 1 -delete
${writeSources(base)}
install -m 0600 -- "$base_work/apt.conf" "$base_tree/etc/apt/apt.conf.d/99pulumi-build"
sed -i '/^Dir::/d' "$base_tree/etc/apt/apt.conf.d/99pulumi-build"
in_root_network=mirrors
printf %s ${packages} | in_new_tree "$base_tree"
in_root_network=none
rm -f -- "$base_tree/etc/apt/apt.conf.d/99pulumi-build" "$base_tree/etc/dpkg/dpkg.cfg.d/99pulumi-build"
`;
}

/** An https mirror needs certificates after the build. */
function includes(base: ResolvedBase): string[] {
  const secure = base.sources.some((line) => line.includes(" https:"));
  const asked = new Set(base.packages.map(nameOf));
  const needed = [...bootPackages(base.suite), ...(secure ? ["ca-certificates"] : [])];
  return [...needed.filter((name) => !asked.has(name)), ...base.packages].sort();
}

/** The steps that both builders leave undone. */
function finish(base: ResolvedBase): Script {
  // With the root's own systemctl: a newer one on the host does not look where an older release keeps its units.
  const enable = insideText(sh`systemctl --quiet enable systemd-networkd.service systemd-resolved.service`);
  const record = base.packages.map((entry) => `asked ${nameOf(entry)}`);
  return sh`
${writeSources(base)}
printf '%s\n' ${["# What the Pulumi program asked for.", ...record]} >"$base_tree$package_record"
${pinVersions(base)}
rm -f -- "$base_tree/etc/hostname" "$base_tree/var/lib/dbus/machine-id"
: >"$base_tree/etc/machine-id"
ln -sfn -- ../run/systemd/resolve/stub-resolv.conf "$base_tree/etc/resolv.conf"
printf %s ${enable} | in_new_tree "$base_tree"
rm -f -- "$base_tree"/etc/ssh/ssh_host_*_key "$base_tree"/etc/ssh/ssh_host_*_key.pub
if [ -e "$base_tree/usr/sbin/sshd" ]; then
  printf '%s\n' ${HOST_KEYS_UNIT} >"$base_tree/etc/systemd/system/ssh-host-keys.service"
  mkdir -p -- "$base_tree/etc/systemd/system/multi-user.target.wants"
  ln -sfn -- ../ssh-host-keys.service "$base_tree/etc/systemd/system/multi-user.target.wants/ssh-host-keys.service"
fi
find "$base_tree/dev" "$base_tree/run" "$base_tree/tmp" -xdev -mindepth 1 -delete
find "$base_tree/var/lib/apt/lists" "$base_tree/var/cache/apt" -xdev -type f -delete
find "$base_tree/var/log" -xdev -type f -delete
mkdir -p -- "$base_tree/var/log/journal"
# systemd-tmpfiles turns some directories into subvolumes. In a snapshot, nothing can be created in them.
if image_is_subvolume "$base_tree"; then
  find "$base_tree" -xdev -mindepth 1 -type d -inum 256 | while read -r base_part; do
    cp -a -- "$base_part" "$base_part.plain"
    image_remove "$base_part"
    mv -T -- "$base_part.plain" "$base_part"
  done
fi
touch -- "$base_tree/etc/.updated" "$base_tree/var/.updated"
`;
}

/** What is installed or upgraded later is of the same version. */
function pinVersions({ packages }: ResolvedBase): Script {
  const pins = packages.filter((entry) => versionOf(entry) !== undefined);
  if (pins.length === 0) return sh`:`;
  return sh`( set -f; package_pins=${pins.join(" ")}; package_preferences ) >"$base_tree/etc/apt/preferences.d/$package_preferences_name"`;
}

/** Every machine gets its own SSH host keys, at its first boot. */
const HOST_KEYS_UNIT = [
  "[Unit]",
  "Description=Make the SSH host keys of this machine",
  "Before=ssh.service ssh.socket",
  "ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key",
  "",
  "[Service]",
  "Type=oneshot",
  "ExecStart=/usr/bin/ssh-keygen -A",
  "",
  "[Install]",
  "WantedBy=multi-user.target",
] as const;

/** The guest's own sources; the host's keyring is copied in if the guest has no such file. */
function writeSources(base: ResolvedBase): Script {
  if (base.sources.length === 0) return sh`:`;
  return sh`
base_signer=
for base_file in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
  if [ "$base_file" = ${base.keyring} ] && [ -f "$base_tree$base_file" ]; then base_signer=$base_file; fi
done
if [ -z "$base_signer" ]; then
  base_signer=/etc/apt/keyrings/$(basename -- ${base.keyring})
  mkdir -p -- "$base_tree/etc/apt/keyrings"
  cp -- ${base.keyring} "$base_tree$base_signer"
  chmod 0644 "$base_tree$base_signer"
fi
for base_line in ${base.sources}; do
  case $base_line in *' ['*signed-by=*) printf '%s\n' "$base_line" ;;
    'deb ['*) printf 'deb [signed-by=%s %s\n' "$base_signer" "\${base_line#deb [}" ;;
    *) printf 'deb [signed-by=%s] %s\n' "$base_signer" "\${base_line#deb }" ;;
  esac
done >"$base_tree/etc/apt/sources.list"
`;
}

function signedBy(line: string, keyring: string): string {
  if (/^deb \[[^\]]*signed-by=/.test(line)) return line;
  if (line.startsWith("deb [")) return line.replace("deb [", `deb [signed-by=${keyring} `);
  return line.replace("deb ", `deb [signed-by=${keyring}] `);
}
