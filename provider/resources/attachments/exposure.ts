import { isWithin } from "../../systemd/paths";

/** Paths with which anyone who can read or write them controls the host, or learns its secrets. */
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

/** Below it are the sockets of services that execute orders: systemd, D-Bus, Docker and the like. */
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

/** Symbolic links on every Debian, so that a path through them is checked too. */
const LINKS = [
  ["/bin", "/usr/bin"],
  ["/lib", "/usr/lib"],
  ["/lib64", "/usr/lib64"],
  ["/sbin", "/usr/sbin"],
  ["/var/lock", "/run/lock"],
  ["/var/run", "/run"],
] as const;

/**
 * Why a host path must not be mounted into a guest unless this is allowed explicitly, as the end of a sentence: it
 * gives control of the host, or contains or is in such a path. `undefined` for all other paths.
 */
export function exposureOf(path: string): string | undefined {
  const [link, directory] = LINKS.find(([from]) => isWithin(path, from)) ?? [];
  const real = link === undefined ? path : directory + path.slice(link.length);
  const [first, ...more] = [...CONTROL, ...SOCKETS].filter((place) => isWithin(place, real) || isWithin(real, place));
  if (first === undefined) return undefined;
  if (isWithin(real, first)) return `${real === first ? "gives" : `is in ${first}, which gives`} control of the host`;
  return `contains ${[first, ...more.slice(0, 2)].join(", ")}${more.length > 2 ? " and more" : ""}, which would give control of the host`;
}

/** The message for a source that must be allowed explicitly. */
export function refuseExposure(path: string, exposeHost: boolean): string | undefined {
  const why = exposeHost ? undefined : exposureOf(path);
  if (why === undefined) return undefined;
  return (
    `${JSON.stringify(path)} ${why}: root inside the machine could take over the host with it. ` +
    "Give the guest a separate directory. If you really want this, set `exposeHost: true`."
  );
}
