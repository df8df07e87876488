import { choice, list, text } from "./kinds";
import { ADDRESS_FAMILIES, CAPABILITIES, SIGNALS, SYSTEM_CALL_GROUPS } from "./vocabulary";

export const capabilities = list(
  'a capability of capabilities(7), as "CAP_SYS_NICE", or "all"',
  (name) => name === "all" || CAPABILITIES.includes(name),
  "CAP_SYS_NICE",
  "CAP_SYS_COFFEE",
);

export const systemCalls = list(
  'a system call, or a group as "@keyring"; with ~ in front, it is prohibited',
  (entry) => {
    const name = entry.replace(/^~/, "");
    return name.startsWith("@") ? SYSTEM_CALL_GROUPS.includes(name) : /^[a-z0-9_]+$/.test(name);
  },
  "@keyring",
  "@coffee",
);

export const addressFamilies = list(
  'an address family, as "AF_INET"; with ~ in front, it is prohibited; "none" prohibits all',
  (entry) => entry === "none" || ADDRESS_FAMILIES.includes(entry.replace(/^~/, "")),
  "AF_INET",
  "AF_COFFEE",
);

export const signal = text(
  'a signal of signal(7), as "SIGTERM" or "SIGRTMIN+3"',
  (name) => {
    const [, number] = /^SIGRT(?:MIN\+|MAX-)(\d{1,2})$/.exec(name) ?? [];
    return number === undefined ? ["SIGRTMIN", "SIGRTMAX", ...SIGNALS].includes(name) : Number(number) <= 30;
  },
  "SIGRTMIN+3",
  "SIGCOFFEE",
);

export const machineId = text(
  "32 hexadecimal digits or a UUID, not all of them 0",
  (id) => /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(id) && /[1-9a-f]/i.test(id),
  "0123456789abcdef0123456789abcdef",
  "00000000000000000000000000000000",
);

export const processors = text(
  'processors, as "0-3,7"',
  (ranges) =>
    ranges.split(",").every((range) => {
      const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(range) ?? [];
      return first !== undefined && Number(first) <= Number(last);
    }),
  "0",
  "1-0",
);

/** Debian's architectures, by systemd's names (architecture.c). */
export const architecture = {
  ...choice(["x86-64", "x86", "arm", "arm64", "loongarch64", "mips64-le", "ppc64-le", "riscv64", "s390x"]),
  refused: "pdp11",
};

export const journalLink = choice(["auto", "no", "host", "try-host", "guest", "try-guest"]);

export const resolvConf = choice([
  ...(["off", "copy-host", "copy-static", "copy-uplink", "copy-stub"] as const),
  ...["replace-host", "replace-static", "replace-uplink", "replace-stub"],
  ...["bind-host", "bind-static", "bind-uplink", "bind-stub", "delete", "auto"],
]);

export const timezone = choice(["off", "copy", "bind", "symlink", "delete", "auto"]);
