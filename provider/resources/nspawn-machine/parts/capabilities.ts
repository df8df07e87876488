import { z } from "zod";
import type { Part } from "../contribution";

/** capabilities(7), as of Linux 5.9; there has been none since. */
const NAMES = [
  ...[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
  ],
  ...["DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN"],
  ...[
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
  ],
  ...["SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE"],
  ...["SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM"],
];

const capability = z.string("a capability is text").superRefine((text, context) => {
  if (text === "all" || NAMES.some((name) => text === `CAP_${name}`)) return;
  const near = NAMES.find((name) => name === text.toUpperCase().replace(/^CAP_?/, ""));
  const advice =
    near === undefined ? 'they are listed in capabilities(7), and "all" is all of them' : `write "CAP_${near}"`;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is no capability: ${advice}.` });
});

export const capabilitiesSchema = z.array(capability);

/** Capabilities beside those that systemd-nspawn leaves a machine. */
export const capabilitiesPart: Part = {
  inputs: ["capabilities"],
  owns: () => ["Exec.Capability"],
  of: ({ capabilities }) => ({
    nspawn: capabilities.map((value) => ({ section: "Exec", key: "Capability", value })),
  }),
};
