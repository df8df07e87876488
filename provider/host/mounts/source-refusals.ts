import type { Refusals } from "../refusals";

/** Sources that cannot be mounted. */
export const sourceRefusals: Refusals = {
  "source-missing": ([path, second]) => ({
    happened: `the source ${path} is not there${second === path ? "" : `: there is no ${second}`}`,
    advice:
      "Create it on the host, or let a BindMount create it as a directory: `create: { owner: 1000, group: 1000 }`.",
  }),
  "source-symlink": ([path, second, third, fourth]) => ({
    happened: `the source ${path} is behind a symbolic link: ${second} points to ${third}`,
    advice: `What is created would be elsewhere if the link changed, so it is not followed. If you mean its present target, write "${fourth}".`,
  }),
  "source-unsafe-link": ([path, second, third, fourth]) => ({
    happened: `the source ${path} is behind a symbolic link, ${second}, and others than root can change ${third} on the way`,
    advice: `A link is followed at each start of the machine, so root alone must be able to change each part of the way. If you mean its present target, write "${fourth}".`,
  }),
  "source-private": ([path, real]) => ({
    happened: `${path === real ? path : `${path}, which leads to ${real},`} is not a regular file that everybody on the host may read`,
    advice:
      "Of the system's own directories, a machine gets only such files, read-only. Give the guest a separate file or directory. If you really want this, set `exposeHost: true`.",
  }),
  "source-leads": ([path, real]) => ({
    happened: `the source ${path} leads to ${real}, which gives control of the host`,
    advice: "Give the guest a separate directory. If you really want this, set `exposeHost: true`.",
  }),
  "source-reachable": ([path]) => ({
    happened: `users of the host can reach ${path}, where root inside could leave programs that run as the host's root (setuid)`,
    advice:
      "Move it below a directory that only root can enter (mode 0700), as `create` makes those that are missing; or mount its " +
      "file system with nosuid, or make the mount `readOnly`. If everybody on the host is trusted, set `exposeHost: true`.",
  }),
  "source-not-directory": ([path]) => ({
    happened: `${path} is not a directory`,
    advice: "Choose another path, or move away what is there.",
  }),
  "source-unmappable": ([path, second, third, fourth]) => ({
    happened:
      `the user IDs of ${path} cannot be mapped into the machine: it is on ${second}, ` +
      (third === ""
        ? "for which no kernel supports this"
        : `which needs Linux ${third}, and the host has Linux ${fourth}`),
    advice:
      'Move it to another file system, such as ext4, xfs or btrfs; or set `ownership: "none"`, with which it belongs to nobody ' +
      "inside; or set `privateUsers: false` on the machine, whose root is then the host's.",
  }),
};
