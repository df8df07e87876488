# `apt_patiently SECONDS COMMAND…` runs an apt command, and again if somebody else, such as unattended-upgrades, holds
# one of apt's locks. DPkg::Lock::Timeout is not enough: it waits for dpkg's lock, not for those of lists and archives.
# Shows whom it waits for: as an answer if `apt_answers` is not empty, and then the output of the command goes to stderr;
# else as a line of output. Fails as the command does; `apt_held` then says who holds which lock, if that is the reason.

apt_pause=5 apt_answers=''

apt_waits() {
  if [ -n "$apt_answers" ]; then
    answer progress "waiting for another run of apt: $1"
  else printf 'pulumi-nspawn: waiting for another run of apt: %s\n' "$1"; fi
}
apt_patiently() {
  apt_rounds=$((($1 + apt_pause - 1) / apt_pause))
  shift
  apt_errors=$(mktemp) || return 1
  while :; do
    apt_status=0
    if [ -n "$apt_answers" ]; then
      "$@" 3>&2 2>"$apt_errors" >&3 3>&- || apt_status=$?
    else "$@" 2>"$apt_errors" || apt_status=$?; fi
    cat -- "$apt_errors" >&2
    apt_held=$(sed -n 's/^E: Could not get lock \([^ ]*[^ .]\)\.\{0,1\} \(.*\)$/\1: \2/p' "$apt_errors" | head -n 1)
    apt_rounds=$((apt_rounds - 1))
    if [ "$apt_status" = 0 ] || [ -z "$apt_held" ] || [ "$apt_rounds" -le 0 ]; then break; fi
    apt_waits "$apt_held"
    sleep "$apt_pause"
  done
  rm -f -- "$apt_errors"
  return "$apt_status"
}
