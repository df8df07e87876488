# Shell functions that write in a guest as its root, where users of the guest may own a directory on the way and change it
# at any moment: they must not make root write elsewhere.
#
# - `place_enter DIRECTORY` goes there step by step, and creates what is missing. A link that only root can have made is
# followed: each Debian has some, such as /lib. Any other link ends the script.
# - `place_take DIRECTORY` goes into a directory that mktemp has just made in the present one, if it is still that one: only
# root can enter it, so what is made in it can be given away and moved to its place above. `place_leave DIRECTORY` goes
# back, and removes it with all that is still in it.
# - `place_file PATH MODE USER:GROUP TEXT` brings a file to its text. If it fails, PATH is as it was.

place_end() {
  printf 'E: %s\n' "$*" >&2
  exit 1
}
# In conditions: it only looks.
place_is_roots() { [ "$(stat -c %u .)" = 0 ] && [ "$((0$(stat -c %a .) & 022))" = 0 ]; }
place_enter() {
  cd /
  place_at='' place_rest=$1 place_links=40
  while [ -n "$place_rest" ]; do
    place_part=${place_rest%%/*}
    case $place_rest in */*) place_rest=${place_rest#*/} ;; *) place_rest= ;; esac
    case $place_part in
      '' | .) continue ;;
      ..)
        place_at=${place_at%/*}
        cd -P ..
        continue
        ;;
    esac
    if [ -L "./$place_part" ]; then
      place_links=$((place_links - 1))
      place_target=$(readlink -- "./$place_part")
      place_is_roots && [ "$place_links" -gt 0 ] || place_end "$1: the link $place_at/$place_part (to $place_target) is not followed, because others than root can change it"
      case $place_target in /*)
        cd /
        place_at=
        ;;
      esac
      place_rest=$place_target/$place_rest
      continue
    fi
    [ -d "./$place_part" ] || mkdir -m 0755 -- "./$place_part"
    place_at=$place_at/$place_part
    cd -P -- "./$place_part"
    [ "$(pwd -P)" = "$place_at" ] || place_end "$1: somebody changes $place_at meanwhile"
  done
}
place_take() {
  place_above=$(pwd -P)
  cd -P -- "$1"
  [ "$(pwd -P)" = "${place_above%/}/${1#./}" ] && [ -n "$(find . -maxdepth 0 -perm 700 -user "$(id -u)")" ] \
    || place_end "somebody changes $place_above meanwhile"
}
place_leave() {
  cd -P ..
  rm -rf -- "$1"
}
place_file() (
  place_enter "${1%/*}"
  [ -L "./${1##*/}" ] || [ ! -d "./${1##*/}" ] || place_end "$1 is a directory"
  place_beside=$(mktemp -d ./.pulumi-nspawn.XXXXXX)
  place_take "$place_beside"
  trap 'place_leave "$place_beside"' EXIT
  printf %s "$4" | tee content >/dev/null
  chown -- "$3" content
  chmod -- "$2" content
  mv -fT -- content "../${1##*/}"
)
