# Shell functions that run a shell inside a root, with its script on stdin; never with chroot, which clashes with the
# emptied /dev and would let a package start a daemon on the host.
#
# - `in_new_tree PATH` works in a tree that never ran, as the host's root: nobody has put anything into it yet.
# - `in_tree PATH` works in a tree that no machine runs from, with its own user IDs, like a machine: what its users left
# there must not run as the host's root.
# - `in_machine NAME` works in a running machine.
# - `in_root NAME GENERATION` uses whichever fits, and refuses with `root-gone` if there is no tree.
#
# The whole script is read before it runs, and it gets no other input. What it prints is the guest's (`guest_run log`).

in_root_seconds=21600 in_root_bytes=8388608

# The guest's /etc/resolv.conf points into /run, which is a separate file system while nspawn runs: the host's name
# servers are mounted there, and nothing in the tree changes.
in_tree_resolver() {
  in_root_target=/run/systemd/resolve/stub-resolv.conf
  [ -L "$1/etc/resolv.conf" ] || in_root_target=/etc/resolv.conf
  if [ "$in_root_target" = /etc/resolv.conf ] && [ ! -f "$1/etc/resolv.conf" ]; then return; fi
  if [ -r /etc/resolv.conf ]; then printf '%s\n' "--bind-ro=$(realpath /etc/resolv.conf):$in_root_target"; fi
}

in_nspawn() {
  in_root_tree=$1
  shift
  # shellcheck disable=SC2046 # words: an option or none
  guest_run log "$in_root_seconds" "$in_root_bytes" systemd-nspawn -q -D "$in_root_tree" --machine="pulumi-work-$$" --as-pid2 --pipe --register=no --keep-unit "$@" \
    --resolv-conf=off --timezone=off --link-journal=no $(in_tree_resolver "$in_root_tree") /bin/sh
}

# In conditions: each failure is returned.
in_new_tree() { in_nspawn "$1" --private-users=no; }

# On any other file system, the whole tree would be permanently given to other user IDs on disk (mount_setattr(2)).
in_tree() {
  case $(stat -c %u -- "$1"):$(stat -f -c %T -- "$1"):$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p') in
    *:24[0-8]) in_nspawn "$1" --private-users=no ;;
    [1-9]*:* | 0:ext2/ext3:* | 0:xfs:* | 0:btrfs:*) in_nspawn "$1" --private-users=pick --private-users-ownership=auto ;;
    *) in_nspawn "$1" --private-users=no ;;
  esac
}

in_machine() {
  guest_run log "$in_root_seconds" "$in_root_bytes" systemd-run -M "$1" --quiet --pipe --wait --collect --service-type=exec /bin/sh
}

# In conditions: each failure is returned.
in_root() {
  in_root_path=$(generation_path "$1" "$2")
  [ -n "$in_root_path" ] || refuse root-gone "$1" "$2"
  if [ "$in_root_path" = "$images/$1" ] && systemctl -q is-active "systemd-nspawn@$1.service"; then
    in_machine "$1"
  else in_tree "$in_root_path"; fi
}
