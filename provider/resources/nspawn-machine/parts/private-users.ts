import { z } from "zod";
import type { Part } from "../contribution";
import type { MachineInputs } from "../inputs";

const BLOCK = 65536;
const LAST = 2 ** 32 - 2;

/** `PrivateUsers=` of systemd.nspawn(5): whose the user IDs of a machine are. */
export type PrivateUsers = boolean | "identity" | "managed" | `${number}` | `${number}:${number}`;

/** What the setting can also say in other words is left out: there `0` means `no`, and `1` means `yes`. */
export const privateUsersSchema = z.union(
  [
    z.boolean(),
    z.string().refine((text) => problemOf(text) === undefined, {
      error: ({ input }) => `${JSON.stringify(input)} ${problemOf(String(input))}: ${CHOICES}`,
    }),
  ],
  { error: ({ input }) => `${JSON.stringify(input) ?? "nothing"} is not understood: ${CHOICES}` },
);

const CHOICES =
  'write true, false, "identity", "managed", or the first user ID as in "1342177280", with how many as in "1342177280:131072".';

function problemOf(text: string): string | undefined {
  if (text === "identity" || text === "managed") return undefined;
  const [, base, range = `${BLOCK}`] = /^([1-9]\d*)(?::([1-9]\d*))?$/.exec(text) ?? [];
  if (base === undefined) return "is not understood";
  // Where the file system cannot map user IDs the tree is given to them, and systemd-nspawn does that only for such blocks.
  if (Number(base) % BLOCK !== 0) return `begins in the middle of a block of ${BLOCK} user IDs`;
  if (Number(range) < BLOCK) return `has fewer than the ${BLOCK} user IDs that a Debian needs`;
  return Number(base) + Number(range) - 1 > LAST ? "goes beyond the last user ID" : undefined;
}

/** User IDs of the machine's own, or those of the host. */
export const privateUsersPart: Part = {
  inputs: ["privateUsers"],
  owns: () => ["Exec.PrivateUsers", "Files.PrivateUsersOwnership"],
  of: ({ privateUsers }) => {
    const users = { section: "Exec", key: "PrivateUsers", value: settingOf(privateUsers) };
    // "pick" alone means a recursive chown of the tree before systemd 262, and a first user ID alone no mapping at all; without
    // "PrivateUsers=" this key turns user namespacing off.
    const ownership = { section: "Files", key: "PrivateUsersOwnership", value: "auto" };
    const since = SINCE.get(privateUsers);
    return {
      nspawn: mapsUsers(privateUsers) ? [users, ownership] : [users],
      needs: since === undefined ? [] : [{ what: `privateUsers: "${privateUsers}"`, systemd: since }],
    };
  },
};

/** Before 252 a file with "identity" is read without it (systemd issue 23825); "managed" came later than the switch of that name. */
const SINCE: ReadonlyMap<MachineInputs["privateUsers"], number> = new Map([
  ["identity", 252],
  ["managed", 262],
]);

function settingOf(privateUsers: MachineInputs["privateUsers"]): string {
  if (typeof privateUsers === "string") return privateUsers;
  return privateUsers ? "pick" : "no";
}

/** Whether what belongs to the host's root belongs to nobody inside. */
export function mapsUsers(privateUsers: MachineInputs["privateUsers"]): boolean {
  return privateUsers !== false && privateUsers !== "identity";
}
