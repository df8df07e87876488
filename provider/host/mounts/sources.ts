import { HostError, RefusedError } from "../../remote";

/** The message for a source that cannot be mounted; any other error as it is. */
export function explainSourceError(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const [path = "", second = "", third = "", fourth = ""] = error.values;
  const explain = (happened: string, advice: string) =>
    new HostError({ ...error.parts, happened, advice, cause: error });
  switch (error.code) {
    case "source-missing":
      return explain(
        `the source ${path} is not there${second === path ? "" : `: there is no ${second}`}`,
        "Make it on the host, or let a BindMount make it as a directory: `create: { owner: 1000, group: 1000 }`.",
      );
    case "source-symlink":
      return explain(
        `the source ${path} is behind a symbolic link: ${second} leads to ${third}`,
        `A link could lead elsewhere at each start of the machine, so it is not followed. Write where it leads now, "${fourth}", if that is meant.`,
      );
    case "source-not-directory":
      return explain(`${path} is not a directory`, "Give it another path, or move away what is there.");
    case "source-unmappable":
      return explain(
        `the user IDs of ${path} cannot be mapped into the machine: it is on ${second}, ` +
          (third === ""
            ? "for which no kernel does that"
            : `which needs Linux ${third}, and the host has Linux ${fourth}`),
        'Choose another place for it, such as one on ext4, xfs or btrfs; or `ownership: "none"`, by which it belongs to nobody inside; ' +
          "or `privateUsers: false` on the machine, whose root is the host's then.",
      );
    default:
      return error;
  }
}
