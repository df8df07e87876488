import { isWithin } from "../../systemd/paths";

/** Who can write or read there controls the host, or knows its secrets. */
const CONTROL = [
  "/boot",
  "/dev",
  "/etc",
  "/proc",
  "/root",
  "/sys",
  "/usr",
  "/var/lib/containerd",
  "/var/lib/containers",
  "/var/lib/docker",
  "/var/lib/dpkg",
  "/var/lib/incus",
  "/var/lib/libvirt",
  "/var/lib/lxc",
  "/var/lib/lxd",
  "/var/lib/machines",
  "/var/lib/portables",
  "/var/lib/pulumi-nspawn",
  "/var/lib/systemd",
  "/var/spool/cron",
];

/** Below it are the sockets of those who do as they are told: systemd, D-Bus, docker and their like. */
const SOCKETS = [
  "/run/containerd",
  "/run/crio",
  "/run/dbus",
  "/run/docker",
  "/run/docker.sock",
  "/run/incus",
  "/run/initctl",
  "/run/libvirt",
  "/run/podman",
  "/run/pulumi-nspawn",
  "/run/systemd",
  "/run/udev",
  "/run/user",
];

/** Symbolic links of every Debian, so that a path by way of them is judged too. */
const LINKS = [
  ["/bin", "/usr/bin"],
  ["/lib", "/usr/lib"],
  ["/lib64", "/usr/lib64"],
  ["/sbin", "/usr/sbin"],
  ["/var/lock", "/run/lock"],
  ["/var/run", "/run"],
] as const;

/**
 * Why a host's path is not lent to a guest without an explicit word, as the end of a sentence: it is one of those by which the
 * host is controlled, or holds or lies in one. `undefined` for any other.
 */
export function exposureOf(path: string): string | undefined {
  const [link, directory] = LINKS.find(([from]) => isWithin(path, from)) ?? [];
  const real = link === undefined ? path : directory + path.slice(link.length);
  const [first, ...more] = [...CONTROL, ...SOCKETS].filter((place) => isWithin(place, real) || isWithin(real, place));
  if (first === undefined) return undefined;
  if (isWithin(real, first)) return `is ${real === first ? "a place" : `in ${first},`} by which the host is controlled`;
  return `holds ${[first, ...more.slice(0, 2)].join(", ")}${more.length > 2 ? " and more" : ""}, by which the host is controlled`;
}

/** What is said to a source that needs the explicit word. */
export function refuseExposure(path: string, exposeHost: boolean): string | undefined {
  const why = exposeHost ? undefined : exposureOf(path);
  if (why === undefined) return undefined;
  return (
    `${JSON.stringify(path)} ${why}: root inside the machine could take over the host by it. ` +
    "Lend the guest a directory of its own; if it is really meant, say `exposeHost: true`."
  );
}
