import { flag, flagOr, flagOrPath, list } from "./kinds";
import { inSection, type Setting } from "./setting";

const MOUNTS = "Use the input `mounts`.";

/** The strict form of systemd's valid_user_group_name(). */
const users = list("the name of a user", (name) => /^[A-Za-z_][A-Za-z0-9_-]{0,30}$/.test(name), "ops", "1user");

/** The keys of `[Files]`, in the order of the manual page. */
export const FILES: readonly Setting[] = inSection("Files", [
  {
    key: "ReadOnly",
    kind: flag,
    since: 226,
    default: "no",
    does: "Whether the root is read-only.",
  },
  {
    key: "Volatile",
    kind: flagOr(["state", "overlay"]),
    since: 226,
    default: "no",
    does: "Which changes are lost when the machine stops: all except in `/usr`, those in `/var` (`state`), or all (`overlay`).",
  },
  {
    key: "BindUser",
    kind: users,
    since: 249,
    default: "none",
    privileged: true,
    does: "Users of the host that exist in the machine too, each with its home.",
  },
  {
    key: "BindUserShell",
    kind: flagOrPath,
    since: 258,
    default: "no",
    privileged: true,
    does: "The shell of those users inside: the same as on the host (`yes`), or a path.",
  },
  {
    key: "Bind",
    kind: { takes: "SOURCE[:TARGET[:OPTIONS]]", accepted: "/srv:/mnt", refused: "/srv:mnt" },
    since: 226,
    default: "none",
    privileged: true,
    does: "A directory or file of the host to mount inside.",
    instead: MOUNTS,
  },
  {
    key: "BindReadOnly",
    kind: { takes: "SOURCE[:TARGET[:OPTIONS]]", accepted: "/srv:/mnt", refused: "/srv:mnt" },
    since: 226,
    default: "none",
    privileged: true,
    does: "The same, but read-only.",
    instead: MOUNTS,
  },
  {
    key: "TemporaryFileSystem",
    kind: { takes: "PATH[:OPTIONS]", accepted: "/mnt:mode=0700", refused: "mnt" },
    since: 226,
    default: "none",
    privileged: true,
    does: "A tmpfs inside.",
    instead: MOUNTS,
  },
  {
    key: "Inaccessible",
    kind: { takes: "an absolute path", accepted: "/srv", refused: "srv" },
    since: 242,
    default: "none",
    privileged: true,
    does: "A directory or file inside that nobody can access.",
    instead: MOUNTS,
  },
  {
    key: "Overlay",
    kind: { takes: "LOWER[:…]:UPPER[:TARGET]", accepted: "/srv/lower:/srv/upper:/mnt", refused: "/srv" },
    since: 233,
    default: "none",
    privileged: true,
    does: "Directories of the host, stacked on each other, mounted as one inside.",
    instead: MOUNTS,
  },
  {
    key: "OverlayReadOnly",
    kind: { takes: "LOWER[:…]:UPPER[:TARGET]", accepted: "/srv/lower:/srv/upper:/mnt", refused: "/srv" },
    since: 233,
    default: "none",
    privileged: true,
    does: "The same, but read-only.",
    instead: MOUNTS,
  },
  {
    key: "PrivateUsersOwnership",
    kind: { takes: '"off", "chown", "map", "auto", or "foreign" (since 259)', accepted: "auto", refused: "perhaps" },
    since: 249,
    default: "auto",
    privileged: true,
    does: "How the root's files are assigned to the machine's own user IDs.",
    instead: "Use the input `privateUsers`, which sets it too.",
  },
  {
    key: "PrivateUsersChown",
    kind: { ...flag, accepted: false },
    since: 230,
    default: "no",
    privileged: true,
    does: "The older name of `PrivateUsersOwnership=chown`.",
    instead: "Use the input `privateUsers`.",
  },
]);
