# Shell functions about sources on a host that are mounted into machines.
#
# - `source_inspect PATH` refuses with `source-symlink`. It sets `source_absent` to the first directory in the path that
# does not exist, `source_lacking` to the number of missing ones from there on, `source_reachable` to `yes` if users of
# the host who are no administrators can reach what is in it, and `source_open` to a directory in which one of them could
# put something else in its place. The source's own permissions stop nobody: if the guest's root is the host's, it may
# change them.
# - `source_present PATH` does the same, and also refuses with `source-missing`.
# - `source_follow PATH` sets `source_real` to where the path leads. It refuses with `source-unsafe-link` if there is a
# link in it, unless root alone can change each part of the way: the directories before and after it, and the link.
# - `source_public REAL PATH` refuses with `source-private` what is no regular file that everybody on the host may read.
# - `source_leads_into REAL PLACE...` succeeds if a path is in one of the places, contains one, or has keys in it.
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
source_follow() {
  source_real='' source_rest=${1#/} source_links=0 source_unsafe='' source_first=''
  while [ -n "$source_rest" ]; do
    source_only_root "${source_real:-/}" || source_unsafe=${source_unsafe:-${source_real:-/}}
    source_step=${source_rest%%/*}
    case $source_rest in */*) source_rest=${source_rest#*/} ;; *) source_rest= ;; esac
    case $source_step in
      '' | .) continue ;;
      ..)
        source_real=${source_real%/*}
        continue
        ;;
    esac
    if [ ! -L "$source_real/$source_step" ]; then
      source_real=$source_real/$source_step
      continue
    fi
    source_links=$((source_links + 1)) source_first=${source_first:-$source_real/$source_step}
    [ "$(stat -c %u -- "$source_real/$source_step")" = 0 ] || source_unsafe=${source_unsafe:-$source_real/$source_step}
    source_target=$(readlink -- "$source_real/$source_step")
    # The kernel's own limit.
    [ "$source_links" -le 40 ] || source_unsafe=$source_real/$source_step source_target='' source_rest=''
    case $source_target in /*) source_real= ;; esac
    source_rest=$source_target/$source_rest
    source_rest=${source_rest#/}
  done
  source_real=${source_real:-/}
  if [ "$source_links" -gt 0 ] && [ -n "$source_unsafe" ]; then
    refuse source-unsafe-link "$1" "$source_first" "$source_unsafe" "$(realpath -m -- "$1")"
  fi
}
# A directory that is not there yet stops the way, which is judged elsewhere.
# In conditions: it only looks.
source_only_root() {
  [ -d "$1" ] || return 0
  [ "$(stat -c %u -- "$1")" = 0 ] && [ $((0$(stat -c %a -- "$1") & 022)) = 0 ]
}
source_public() {
  [ -f "$1" ] || refuse source-private "$2" "$1"
  case $1/ in /proc/* | /sys/* | /dev/*) refuse source-private "$2" "$1" ;; esac
  [ $((0$(stat -c %a -- "$1") & 04)) != 0 ] || refuse source-private "$2" "$1"
  source_above=$1
  while [ -n "$source_above" ]; do
    source_above=${source_above%/*}
    [ $((0$(stat -c %a -- "${source_above:-/}") & 01)) != 0 ] || refuse source-private "$2" "$1"
  done
}
# In conditions: it only looks.
source_leads_into() {
  source_led=$1
  shift
  case $source_led/ in */.aws/* | */.gnupg/* | */.kube/* | */.ssh/* | /.*) return 0 ;; esac
  source_led=${source_led%/}
  for source_place in "$@"; do
    case $source_led/ in "$source_place"/*) return 0 ;; esac
    case $source_place/ in "$source_led"/*) return 0 ;; esac
  done
  return 1
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
