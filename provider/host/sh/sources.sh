# Shell functions about sources on a host that are mounted into machines.
#
# - `source_inspect PATH` refuses with `source-symlink`. It sets `source_absent` to the first directory in the path that
# does not exist, `source_lacking` to the number of missing ones from there on, `source_reachable` to `yes` if users of
# the host who are no administrators can reach what is in it, and `source_open` to a directory in which one of them could
# put something else in its place. The source's own permissions stop nobody: if the guest's root is the host's, it may
# change them.
# - `source_present PATH` does the same, and also refuses with `source-missing`.
# - `source_directory PATH` refuses with `source-not-directory`.
# - `source_mappable PATH` refuses with `source-unmappable` if the kernel cannot map user IDs on its file system; for a
# file system that is not in the list, systemd-nspawn may try. The list is the one in mount_setattr(2).
# - `source_setuid PATH` succeeds if setuid programs in it would run as their owner.

source_inspect() {
  source_at='' source_rest=${1#/} source_absent='' source_lacking=0 source_reachable=yes source_open='' source_sticky=''
  while [ -n "$source_rest" ]; do
    [ -n "$source_absent" ] || source_judge "${source_at:-/}"
    source_at=$source_at/${source_rest%%/*}
    case $source_rest in */*) source_rest=${source_rest#*/} ;; *) source_rest= ;; esac
    [ ! -L "$source_at" ] || refuse source-symlink "$1" "$source_at" "$(readlink -- "$source_at")" "$(realpath -m -- "$1")"
    if [ ! -e "$source_at" ]; then
      source_absent=${source_absent:-$source_at} source_lacking=$((source_lacking + 1))
    elif [ -n "$source_sticky" ] && [ "$(stat -c %u -- "$source_at")" != 0 ]; then
      source_open=${source_open:-${source_at%/*}}
    fi
  done
}
# Debian's group of those who may become root by sudo(8) with their own password: they gain nothing by a program of
# root's.
# In conditions: it only looks.
source_administrator() { [ "$1" = 0 ] || id -nG -- "$1" 2>/dev/null | tr ' ' '\n' | grep -qx sudo; }
# What a directory above the source lets others do: in a sticky one, they can only move away what belongs to them.
source_judge() {
  source_uid=$(stat -c %u -- "$1") source_mode=0$(stat -c %a -- "$1") source_sticky=
  if [ $((source_mode & 011)) = 0 ] && source_administrator "$source_uid"; then source_reachable=; fi
  if [ "$source_uid" = 0 ] && [ $((source_mode & 022)) = 0 ]; then return 0; fi
  if [ "$source_uid" = 0 ] && [ $((source_mode & 01000)) != 0 ]; then source_sticky=yes; else source_open=${source_open:-$1}; fi
}
source_present() {
  source_inspect "$1"
  [ -z "$source_absent" ] || refuse source-missing "$1" "$source_absent"
}
source_directory() { [ -d "$1" ] || refuse source-not-directory "$1"; }
source_mappable() {
  source_type=$(findmnt -n -o FSTYPE -T "$1")
  case $source_type in
    ext4 | xfs | vfat) source_since=5.12 ;;
    btrfs | ntfs3) source_since=5.15 ;;
    f2fs) source_since=5.18 ;;
    erofs) source_since=5.19 ;;
    squashfs) source_since=6.2 ;;
    tmpfs) source_since=6.3 ;;
    ceph) source_since=6.7 ;;
    9p | cifs | devtmpfs | fuse | fuse.* | fuseblk | nfs | nfs4 | overlay | proc | smb3 | sysfs | vboxsf) source_since= ;;
    *) return 0 ;;
  esac
  if [ -z "$source_since" ] || ! printf '%s\n' "$source_since" "$(uname -r)" | sort -V -C; then
    refuse source-unmappable "$1" "$source_type" "$source_since" "$(uname -r)"
  fi
}
# In conditions: it only looks.
source_setuid() { case ,$(findmnt -n -o OPTIONS -T "$1"), in *,nosuid,*) return 1 ;; esac }
