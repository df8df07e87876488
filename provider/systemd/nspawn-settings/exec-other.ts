import { capabilities } from "./exec-kinds";
import { flag, words } from "./kinds";
import { inSection, type Setting } from "./setting";

/** What the machine writes in `[Exec]`, and what is not for a machine that boots. */
export const OTHER_EXEC: readonly Setting[] = inSection("Exec", [
  {
    key: "Boot",
    kind: flag,
    since: 226,
    default: "yes",
    does: "Whether the root's init is run.",
    instead: "A machine always boots.",
  },
  {
    key: "Ephemeral",
    kind: flag,
    since: 240,
    default: "no",
    privileged: true,
    does: "Whether it runs from a copy of the root that is thrown away.",
    instead: "Write the input `ephemeral`.",
  },
  {
    key: "ProcessTwo",
    kind: flag,
    since: 229,
    default: "no",
    does: "Whether a command is run beside a stub of an init.",
    instead: "A machine boots its own init, and systemd ignores this key then.",
  },
  {
    key: "Environment",
    kind: { ...words, takes: "words NAME=VALUE", accepted: ["A=b c"] },
    since: 226,
    default: "none",
    does: "Environment of the machine's init.",
    instead: "Write the input `environment`.",
  },
  {
    key: "User",
    kind: { takes: "the name of a user inside", accepted: "root", refused: 'ro"ot' },
    since: 226,
    default: "root",
    does: "The user that a command is run as.",
    instead: "A machine boots its own init, which runs as root.",
  },
  {
    key: "Capability",
    kind: { ...capabilities, accepted: ["CAP_SYS_TIME"] },
    since: 226,
    default: "none beside those of systemd-nspawn(1)",
    privileged: true,
    does: "Capabilities that the machine has beside the usual ones.",
    instead: "Write the input `capabilities`.",
  },
  {
    key: "AmbientCapability",
    kind: { ...capabilities, accepted: ["CAP_NET_RAW"] },
    since: 248,
    default: "none",
    privileged: true,
    does: "Capabilities that a command has though it is not run as root.",
    instead:
      "A machine boots its own init, and systemd refuses to start it with this key; write the input `capabilities`.",
  },
  {
    key: "PrivateUsers",
    kind: {
      takes: 'a boolean, "pick", "identity" (since 252), "managed" (since 262), or UID[:COUNT]',
      accepted: "pick",
      refused: "65536:",
    },
    since: 230,
    default: "pick",
    privileged: true,
    does: "Whether the machine has user IDs of its own, and which.",
    instead: "Write the input `privateUsers`.",
  },
  {
    key: "Hostname",
    kind: { takes: "a host name", accepted: "box", refused: "under_score" },
    since: 239,
    default: "the machine's name",
    does: "The machine's host name.",
    instead: "Write the input `hostname`.",
  },
]);
