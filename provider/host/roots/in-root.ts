import { type Script, sh } from "../../remote";

/**
 * Shell functions that run a shell inside a root, its script on stdin, never by chroot: that clashes with the emptied /dev
 * and would let a package start a daemon on the host.
 *
 * - `in_new_tree PATH` works in a tree that never ran, as the host's root: nobody has put anything into it yet.
 * - `in_tree PATH` works in a tree that no machine runs from, with user IDs of its own, as a machine has them: what its
 *   users left there must not run as the host's root.
 * - `in_machine NAME` works in a running machine.
 * - `in_root NAME GENERATION` takes whichever fits, and refuses with `root-gone` where there is no tree.
 *
 * A script is read whole before it runs, and gets no other input.
 */
export const inRoot: Script = sh`
# The guest's /etc/resolv.conf points to a place in /run, which is a file system of its own while nspawn runs: the host's
# name servers are put there, and nothing in the tree changes.
in_tree_resolver() {
  in_root_target=/run/systemd/resolve/stub-resolv.conf
  [ -L "$1/etc/resolv.conf" ] || in_root_target=/etc/resolv.conf
  if [ "$in_root_target" = /etc/resolv.conf ] && [ ! -f "$1/etc/resolv.conf" ]; then return; fi
  if [ -r /etc/resolv.conf ]; then printf '%s\n' "--bind-ro=$(realpath /etc/resolv.conf):$in_root_target"; fi
}

in_nspawn() {
  in_root_tree=$1; shift
  systemd-nspawn -q -D "$in_root_tree" --machine="pulumi-work-$$" --as-pid2 --pipe --register=no --keep-unit "$@" \
    --resolv-conf=off --timezone=off --link-journal=no $(in_tree_resolver "$in_root_tree") /bin/sh
}

in_new_tree() { in_nspawn "$1" --private-users=no; }

# Elsewhere than on these the whole tree would be given to other user IDs on disk, for good (mount_setattr(2)).
in_tree() {
  case $(stat -c %u -- "$1"):$(stat -f -c %T -- "$1"):$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p') in
    *:24[0-8]) in_nspawn "$1" --private-users=no ;;
    [1-9]*:* | 0:ext2/ext3:* | 0:xfs:* | 0:btrfs:*) in_nspawn "$1" --private-users=pick --private-users-ownership=auto ;;
    *) in_nspawn "$1" --private-users=no ;;
  esac
}

in_machine() {
  systemd-run -M "$1" --quiet --pipe --wait --collect --service-type=exec /bin/sh
}

in_root() {
  in_root_path=$(generation_path "$1" "$2")
  [ -n "$in_root_path" ] || refuse root-gone "$1" "$2"
  if [ "$in_root_path" = "$images/$1" ] && systemctl -q is-active "systemd-nspawn@$1.service"; then in_machine "$1"
  else in_tree "$in_root_path"; fi
}
`;

const GUARD_MARK = "# pulumi-nspawn: removed when the work is done";

/**
 * The text that goes to a root's shell. Where no init runs, services are kept from starting (policy-rc.d): they would be
 * started in the wrong place and killed at the end.
 */
export function insideText(script: Script): string {
  return sh`{
LC_ALL=C.UTF-8; DEBIAN_FRONTEND=noninteractive; HOME=/root; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL DEBIAN_FRONTEND HOME PATH
inside_guard=/usr/sbin/policy-rc.d
if [ ! -d /run/systemd/system ]; then
  if [ ! -e "$inside_guard" ] || grep -qxF ${GUARD_MARK} "$inside_guard"; then
    printf '#!/bin/sh\n%s\nexit 101\n' ${GUARD_MARK} >"$inside_guard"
    chmod 0755 "$inside_guard"
    trap 'rm -f -- "$inside_guard"' EXIT
  fi
elif [ -e "$inside_guard" ] && grep -qxF ${GUARD_MARK} "$inside_guard"; then rm -f -- "$inside_guard"; fi
( set -e
${script}
) </dev/null
exit "$?"
}
`.text;
}
