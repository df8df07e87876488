import type { Refusals } from "../refusals";

/** Sources that cannot be mounted. */
export const sourceRefusals: Refusals = {
  "source-missing": ([path, second]) => ({
    happened: `the source ${path} is not there${second === path ? "" : `: there is no ${second}`}`,
    advice: "Make it on the host, or let a BindMount make it as a directory: `create: { owner: 1000, group: 1000 }`.",
  }),
  "source-symlink": ([path, second, third, fourth]) => ({
    happened: `the source ${path} is behind a symbolic link: ${second} leads to ${third}`,
    advice: `A link could lead elsewhere at each start of the machine, so it is not followed. Write where it leads now, "${fourth}", if that is meant.`,
  }),
  "source-not-directory": ([path]) => ({
    happened: `${path} is not a directory`,
    advice: "Give it another path, or move away what is there.",
  }),
  "source-unmappable": ([path, second, third, fourth]) => ({
    happened:
      `the user IDs of ${path} cannot be mapped into the machine: it is on ${second}, ` +
      (third === "" ? "for which no kernel does that" : `which needs Linux ${third}, and the host has Linux ${fourth}`),
    advice:
      'Choose another place for it, such as one on ext4, xfs or btrfs; or `ownership: "none"`, by which it belongs to nobody inside; ' +
      "or `privateUsers: false` on the machine, whose root is the host's then.",
  }),
};
