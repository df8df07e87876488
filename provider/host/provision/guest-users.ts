import { lines, type Script } from "../../remote";
import { sh } from "../sh";
import { ensureFile, type GuestFile, inspectFile } from "./guest-files";

/** A user of a guest. */
export interface GuestUser {
  readonly name: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** The name of the primary group. */
  readonly group: string;
  readonly home: string;
  readonly shell: string;
  readonly comment: string;
  /** All supplementary groups; if this is not given, the user's groups are left alone. */
  readonly groups?: readonly string[] | undefined;
  readonly sudo: boolean;
  /** The whole authorized_keys; left alone if neither this nor `authorizedKeysFrom` is given. */
  readonly authorizedKeys?: readonly string[] | undefined;
  readonly authorizedKeysFrom?: readonly { readonly url: string; readonly sha256: string }[] | undefined;
}

export function ensureUser(user: GuestUser): Script {
  const { name, uid, gid, group, home, shell, comment, groups, sudo } = user;
  return lines([
    sh`provision_group ${group} ${gid ?? ""}`,
    sh`provision_user ${[name, uid ?? "", group, home, shell, comment]}`,
    sh`provision_home ${name} ${home}`,
    groups === undefined ? sh`:` : sh`provision_groups ${name} ${groupList(groups)}`,
    sudo ? sh`[ -d /etc/sudoers.d ] || refuse no-package sudo ${`users.${name}.sudo`}` : sh`:`,
    sudo ? ensureFile(sudoFile(name)) : sh`:`,
    ...(user.authorizedKeysFrom ?? []).map(({ url, sha256 }) => sh`provision_fetch ${url} ${sha256}`),
    keysOf(user),
    sh`[ -z "$provision_keys_text" ] || provision_keys ${name} "\${provision_keys_text%.}"`,
  ]);
}

export function inspectUser(user: GuestUser): Script {
  const { name, uid, group, home, shell, groups, sudo } = user;
  const key = `user ${name}`;
  return sh`
if ! getent passwd ${name} >/dev/null; then provision_differs ${key} missing
else
  provision_has=$(provision_account ${name})
  provision_should=${uid === undefined ? sh`$(provision_field ${name} 3)` : sh`${uid}`}:${`${group}:${home}:${shell}`}
  [ "$provision_has" = "$provision_should" ] || provision_differs ${key} "it is $provision_has"
  ${groups === undefined ? sh`:` : sh`[ "$(provision_groups_of ${name})" = ${groupList(groups)} ] || provision_differs ${key} "its groups are $(provision_groups_of ${name})"`}
  ${keysOf(user)}
  [ -z "$provision_keys_text" ] || [ "$(provision_keys_hash ${name})" = "$(printf %s "\${provision_keys_text%.}" | sha256sum | cut -c 1-64)" ] ||
    provision_differs ${key} "its authorized_keys differ"
fi
${sudo ? inspectFile(sudoFile(name)) : sh`:`}
`;
}

/** Sets `provision_keys_text` to the whole text followed by a dot, or to nothing. */
function keysOf({ authorizedKeys, authorizedKeysFrom = [] }: GuestUser): Script {
  if (authorizedKeys === undefined && authorizedKeysFrom.length === 0) return sh`provision_keys_text=`;
  const given = (authorizedKeys ?? []).map((key) => `${key}\n`).join("");
  return lines([
    sh`provision_keys_text=$(printf %s ${given}; ${lines(authorizedKeysFrom.map(({ sha256 }) => sh`cat "$provision_dir"/keys/${sha256} 2>/dev/null; echo`))}
printf .)`,
  ]);
}

export function sudoFile(user: string): GuestFile {
  return {
    path: `/etc/sudoers.d/pulumi-nspawn-${user}`,
    content: `${user} ALL=(ALL:ALL) NOPASSWD: ALL\n`,
    owner: "root",
    group: "root",
    mode: "0440",
  };
}

function groupList(groups: readonly string[]): string {
  return groups.map((group) => `${group} `).join("");
}
