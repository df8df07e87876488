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
#
# A tree has no network, unless the script sets `in_root_network` to `mirrors`, because packages have to be fetched: then
# it has the host's network, with the host's name servers. `in_job_limits UNIT` keeps the host's loopback away from all that
# runs in the unit of a job, except from name servers and proxies there, and limits memory and processes.

in_root_seconds=21600 in_root_bytes=8388608 in_root_network=none

# That of systemd-resolved is on the loopback, and knows where it asks.
in_root_servers() {
  if grep -q '^nameserver 127\.0\.0\.53' /etc/resolv.conf && [ -r /run/systemd/resolve/resolv.conf ]; then
    echo /run/systemd/resolve/resolv.conf
  else realpath /etc/resolv.conf; fi
}
# The guest's /etc/resolv.conf points into /run, which is a separate file system while nspawn runs: the host's name
# servers are mounted there, and nothing in the tree changes.
in_tree_resolver() {
  case $(tree_kind "$1" etc/resolv.conf) in
    link) in_root_target=/run/systemd/resolve/stub-resolv.conf ;;
    file | filled) in_root_target=/etc/resolv.conf ;;
    *) return ;;
  esac
  if [ -r /etc/resolv.conf ]; then printf '%s\n' "--bind-ro=$(in_root_servers):$in_root_target"; fi
}
# Addresses of the loopback that apt needs, a word each.
in_loopback_needs() {
  sed -n 's/^nameserver[[:blank:]]*\(127\.[0-9.]*\|::1\)$/\1/p' "$(in_root_servers)"
  apt-config dump 2>/dev/null | sed -n 's/^Acquire::.*::Proxy.* "[a-z]*:\/\/\([^\/]*@\)\{0,1\}\(127\.[0-9.]*\|localhost\|\[::1\]\)[:\/"].*/\2/p' \
    | sed 's/^localhost$/127.0.0.1\n::1/; s/[][]//g'
}
in_job_limits() {
  systemctl set-property --runtime "$1" TasksMax=8192 MemoryMax=75% IPAddressDeny=localhost IPAddressAllow="$(in_loopback_needs | tr '\n' ' ')"
}

# A job's unit ends all that runs in it. Elsewhere the tree gets a unit of its own.
in_nspawn() {
  in_root_tree=$1
  shift
  if [ "$in_root_network" = none ]; then
    set -- "$@" --private-network
  else
    in_root_bound=$(in_tree_resolver "$in_root_tree")
    set -- "$@" ${in_root_bound:+"$in_root_bound"}
  fi
  if [ -n "${INVOCATION_ID-}" ]; then
    set -- "$@" --keep-unit
  else set -- "$@" --property=TasksMax=8192 --property=MemoryMax=75% --property=RuntimeMaxSec="$in_root_seconds"; fi
  guest_run log "$in_root_seconds" "$in_root_bytes" systemd-nspawn -q -D "$in_root_tree" --machine="pulumi-work-$$" --as-pid2 --pipe --register=no "$@" \
    --resolv-conf=off --timezone=off --link-journal=no /bin/sh
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
