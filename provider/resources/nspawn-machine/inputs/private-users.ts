import { z } from "zod";
import { effect } from "../../../dynamic";
import type { Rendered, Values } from "../section";

const BLOCK = 65536;
const LAST = 2 ** 32 - 2;

/** `PrivateUsers=` of systemd.nspawn(5): which user IDs a machine has. */
export type PrivateUsers = boolean | "identity" | "managed" | `${number}` | `${number}:${number}`;

const CHOICES =
  'write true, false, "identity", "managed", or the first user ID as in "1342177280", with a count as in "1342177280:131072".';

/** Other spellings of the setting are left out: `0` there means `no`, and `1` means `yes`. */
const schema = z.custom<PrivateUsers>((value) => problemOf(value) === undefined, {
  error: ({ input }) => `${JSON.stringify(input) ?? "nothing"} ${problemOf(input)}: ${CHOICES}`,
});

function problemOf(value: unknown): string | undefined {
  if (typeof value === "boolean" || value === "identity" || value === "managed") return undefined;
  const [, base, range = `${BLOCK}`] =
    /^([1-9]\d*)(?::([1-9]\d*))?$/.exec(typeof value === "string" ? value : "") ?? [];
  if (base === undefined) return "is not understood";
  // If the file system cannot map user IDs, systemd-nspawn changes the tree's ownership, and does so only for such
  // blocks.
  if (Number(base) % BLOCK !== 0) return `does not start at a multiple of ${BLOCK}`;
  if (Number(range) < BLOCK) return `has fewer than the ${BLOCK} user IDs that Debian needs`;
  return Number(base) + Number(range) - 1 > LAST ? "goes beyond the last user ID" : undefined;
}

export const inputs = {
  /**
   * Which user IDs it has (`PrivateUsers=`, systemd.nspawn(5)). `true`: its own, chosen by systemd-nspawn (`pick`), so
   * that root inside is an unprivileged user on the host. `"1342177280"`: its own, starting there, 65536 of them;
   * `"1342177280:131072"`: as many as given. `"identity"`: the host's first 65536, without the privileges of the host's
   * root (systemd 252). `"managed"`: its own, assigned by systemd-nsresourced.service(8), for trees that have the user
   * IDs of such machines (systemd 262). `false`: the host's, and root inside is root on the host.
   * @default true
   */
  privateUsers: effect("restart", schema.default(true)),
};

export const keys = ["Exec.PrivateUsers", "Files.PrivateUsersOwnership"];

/** The machine's own user IDs, or the host's. */
export function render({ privateUsers }: Values<typeof inputs>): Rendered {
  const users = { section: "Exec", key: "PrivateUsers", value: settingOf(privateUsers) };
  // Before systemd 262, "pick" alone means a recursive chown of the tree, and a first user ID alone no mapping at all.
  // Without "PrivateUsers=" this key turns user namespacing off.
  const ownership = { section: "Files", key: "PrivateUsersOwnership", value: "auto" };
  const since = SINCE.get(privateUsers);
  return {
    nspawn: mapsUsers(privateUsers) ? [users, ownership] : [users],
    needs: since === undefined ? [] : [{ what: `privateUsers: "${privateUsers}"`, systemd: since }],
  };
}

/**
 * Before 252, a file with "identity" is read without it (systemd issue 23825); "managed" is newer than the switch of
 * that name.
 */
const SINCE: ReadonlyMap<PrivateUsers, number> = new Map([
  ["identity", 252],
  ["managed", 262],
]);

function settingOf(privateUsers: PrivateUsers): string {
  if (typeof privateUsers === "string") return privateUsers;
  return privateUsers ? "pick" : "no";
}

/** Whether files of the host's root belong to nobody inside. */
export function mapsUsers(privateUsers: PrivateUsers): boolean {
  return privateUsers !== false && privateUsers !== "identity";
}
