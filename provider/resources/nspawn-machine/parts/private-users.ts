import type { Part } from "../contribution";

/** User IDs of the machine's own, or those of the host. */
export const privateUsersPart: Part = {
  inputs: ["privateUsers"],
  owns: () => ["Exec.PrivateUsers", "Files.PrivateUsersOwnership"],
  of: ({ privateUsers }) => {
    const users = { section: "Exec", key: "PrivateUsers", value: privateUsers ? "pick" : "no" };
    if (!privateUsers) return { nspawn: [users] };
    // "pick" alone means a recursive chown of the tree before systemd 262; without "PrivateUsers=" this key turns user
    // namespacing off.
    return { nspawn: [users, { section: "Files", key: "PrivateUsersOwnership", value: "auto" }] };
  },
};
