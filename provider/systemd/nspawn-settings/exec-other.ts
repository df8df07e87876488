import { capabilities } from "./exec-kinds";
import { flag, words } from "./kinds";
import { inSection, type Setting } from "./setting";

/** Keys in `[Exec]` that the machine writes itself, or that do not apply to a machine that boots. */
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
    does: "Whether it runs from a copy of the root that is deleted when it stops.",
    instead: "Use the input `ephemeral`.",
  },
  {
    key: "ProcessTwo",
    kind: flag,
    since: 229,
    default: "no",
    does: "Whether a command is run next to a stub init.",
    instead: "A machine boots its own init, and systemd then ignores this key.",
  },
  {
    key: "Environment",
    kind: { ...words, takes: "words NAME=VALUE", accepted: ["A=b c"] },
    since: 226,
    default: "none",
    does: "Environment of the machine's init.",
    instead: "Use the input `environment`.",
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
    default: "none in addition to those of systemd-nspawn(1)",
    privileged: true,
    does: "Capabilities that the machine has in addition to the usual ones.",
    instead: "Use the input `capabilities`.",
  },
  {
    key: "AmbientCapability",
    kind: { ...capabilities, accepted: ["CAP_NET_RAW"] },
    since: 248,
    default: "none",
    privileged: true,
    does: "Capabilities that a command has even if it is not run as root.",
    instead:
      "A machine boots its own init, and systemd refuses to start it with this key; use the input `capabilities`.",
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
    does: "Whether the machine has its own user IDs, and which.",
    instead: "Use the input `privateUsers`.",
  },
  {
    key: "Hostname",
    kind: { takes: "a host name", accepted: "box", refused: "under_score" },
    since: 239,
    default: "the machine's name",
    does: "The machine's host name.",
    instead: "Use the input `hostname`.",
  },
]);
