import { z } from "zod";

/**
 * The name of a network interface: up to 15 characters, not all of them digits (ifname_valid in systemd's
 * basic/socket-util.c). Of the punctuation that the kernel allows, only characters without a meaning in a shell, in
 * `[Match] Name=` (systemd.network(5)) or in a file name are accepted.
 */
export const interfaceName = z
  .string("the name of an interface is text")
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is not the name of an interface: up to 15 letters, digits, ".", "_" and "-", as in "br0"`,
  })
  .refine((name) => !/^\d+$/.test(name) && name !== "all" && name !== "default", {
    error: ({ input }) =>
      `${JSON.stringify(input)} means something else to the kernel: no interface can have that name`,
  });

/**
 * The unit that is active while an interface exists; its name is escaped as a path (systemd.unit(5),
 * systemd-escape(1)).
 */
export function interfaceUnit(name: string): string {
  const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `sys-subsystem-net-devices-${name.replace(/[^A-Za-z0-9:_.]|^\./g, escaped)}.device`;
}
