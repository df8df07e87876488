import { type Answer, first, type Script } from "../remote";
import { machineIdIn } from "./answered";
import { osReleaseOf } from "./os-release";
import { sh } from "./sh";

/** Debian packages that a host needs; `install: true` adds those that are missing. */
export const REQUIRED_PACKAGES = ["systemd-container", "mmdebstrap", "nftables", "dbus", "debian-archive-keyring"];

/** About 12 booted machines reach the default limit of inotify instances per user (systemd keeps 9 in each). */
export const INOTIFY_INSTANCES = 4096;
/** With fewer, a host is prepared, or a warning shown. */
export const FEWEST_INOTIFY_INSTANCES = 1024;

/** systemd before 249 has neither `PrivateUsersOwnership=auto` nor idmapped mounts (systemd.nspawn(5)). */
const OLDEST_SYSTEMD = 247;

/** What a host is and can do, as seen in one round trip. */
export interface Facts {
  readonly machineId: string;
  readonly hostname: string;
  readonly os: { readonly id: string; readonly version: string; readonly codename: string; readonly name: string };
  readonly architecture: string;
  readonly kernel: string;
  readonly systemdVersion: number;
  /** `unified` is cgroup v2 only; limits need it. */
  readonly cgroups: "unified" | "legacy";
  /** Owner and permissions of /var/lib/machines as stat(1) prints them, `0 700`; `""` without such a directory. */
  readonly imagesAccess: string;
  /** File system of /var/lib/machines, as stat(1) names it: `btrfs`, `xfs`, `ext2/ext3`. */
  readonly imageFilesystem: string;
  readonly freeBytes: number;
  readonly missingPackages: readonly string[];
  readonly networkdActive: boolean;
  /** What systemd says of it. */
  readonly networkd: string;
  readonly inotifyInstances: number;
}

/** Answers what a host is and can do; changes nothing. */
export const facts: Script = sh`
host_images=/var/lib/machines
[ -d "$host_images" ] || host_images=/var/lib
answer machine-id "$(cat /etc/machine-id)"
answer hostname "$(cat /proc/sys/kernel/hostname)"
[ ! -r /etc/os-release ] || answer_file os-release /etc/os-release /etc/os-release
answer architecture "$(dpkg --print-architecture 2>/dev/null || uname -m)"
answer kernel "$(uname -r)"
answer systemd "$(systemctl --version 2>/dev/null | head -n 1)"
answer cgroups "$(stat -f -c %T /sys/fs/cgroup)"
answer images-access "$(stat -c '%u %a' /var/lib/machines 2>/dev/null || :)"
answer image-filesystem "$(stat -f -c %T "$host_images")"
answer free-bytes "$(df --output=avail -B1 "$host_images" | tail -n 1 | tr -d ' ')"
answer networkd "$(systemctl is-active systemd-networkd.service 2>/dev/null || :)"
answer inotify "$(cat /proc/sys/fs/inotify/max_user_instances)"
for host_package in ${REQUIRED_PACKAGES}; do
  package_installed "$host_package" || answer missing-package "$host_package"
done
`;

/** Reads what {@link facts} answered. */
export function factsOf(answers: readonly Answer[]): Facts {
  const text = (key: string) => first(answers, key) ?? "";
  const number = (key: string) => Number.parseInt(text(key), 10) || 0;
  const osFile = answers.find((answer) => answer.key === "os-release")?.values[1] ?? "";
  const os = osReleaseOf(osFile);
  return {
    machineId: machineIdIn(answers) ?? "",
    hostname: text("hostname"),
    os: { id: os.id, version: os.versionId, codename: os.codename, name: os.prettyName },
    architecture: text("architecture"),
    kernel: text("kernel"),
    systemdVersion: Number.parseInt(/^systemd (\d+)/.exec(text("systemd"))?.[1] ?? "0", 10),
    cgroups: text("cgroups") === "cgroup2fs" ? "unified" : "legacy",
    imagesAccess: text("images-access"),
    imageFilesystem: text("image-filesystem"),
    freeBytes: number("free-bytes"),
    missingPackages: answers.filter((answer) => answer.key === "missing-package").flatMap((answer) => answer.values),
    networkdActive: text("networkd") === "active",
    networkd: text("networkd"),
    inotifyInstances: number("inotify"),
  };
}

/** Whether others than root can enter the directory of roots, as they can when a new file system was mounted there. */
export function isOpenToUsers({ imagesAccess }: Pick<Facts, "imagesAccess">): boolean {
  const [owner = "0", mode = "700"] = imagesAccess === "" ? [] : imagesAccess.split(" ");
  return owner !== "0" || (Number.parseInt(mode, 8) & 0o011) !== 0;
}

/** Something a host lacks, and the command that fixes it. */
export interface PreflightProblem {
  readonly what: string;
  readonly command?: string;
  /** Without it no machine can be created; the others are warnings. */
  readonly fatal: boolean;
}

/** What keeps a host from running machines. */
export function preflightProblems(host: Facts): PreflightProblem[] {
  const found: PreflightProblem[] = [];
  if (host.missingPackages.length > 0) {
    found.push({
      what: `${host.missingPackages.join(", ")} ${host.missingPackages.length === 1 ? "is" : "are"} not installed`,
      command: `apt-get install --no-install-recommends ${host.missingPackages.join(" ")}`,
      fatal: true,
    });
  }
  if (host.systemdVersion > 0 && host.systemdVersion < OLDEST_SYSTEMD) {
    found.push({
      what: `systemd ${host.systemdVersion} is older than ${OLDEST_SYSTEMD}, the oldest supported`,
      fatal: true,
    });
  }
  if (!host.networkdActive) {
    found.push({
      what: "systemd-networkd is not running, so private links of machines get no address",
      command: "systemctl enable --now systemd-networkd.service",
      fatal: false,
    });
  }
  if (isOpenToUsers(host)) {
    found.push({
      what: "users of the host can enter /var/lib/machines and run what root inside a machine makes setuid there, as the host's root",
      command: "chown root /var/lib/machines && chmod 0700 /var/lib/machines",
      fatal: false,
    });
  }
  if (host.inotifyInstances < FEWEST_INOTIFY_INSTANCES) {
    found.push({
      what: `fs.inotify.max_user_instances is ${host.inotifyInstances}, enough for about ${Math.floor(host.inotifyInstances / 10)} machines`,
      command: `echo fs.inotify.max_user_instances=${INOTIFY_INSTANCES} >/etc/sysctl.d/90-pulumi-nspawn.conf && sysctl --system`,
      fatal: false,
    });
  }
  if (host.cgroups === "legacy") {
    found.push({ what: "cgroup v1 is in use, so limits are accepted but not all of them are enforced", fatal: false });
  }
  return found;
}
