# Shell functions about a machine in which work is done; the caller sets `provision_machine`.

# What killed runs recorded of work in a machine that is removed: nobody else knows of it.
provision_forget() {
  for provision_marker in /var/lib/pulumi-nspawn/provisions/*.json; do
    if [ ! -e "$provision_marker" ] || ! marker_is "$provision_marker" machine "$1" || ! claim_unrecorded "$provision_marker"; then continue; fi
    rm -f -- "${provision_marker%.json}.inspect"
    file_absent "$provision_marker" || :
  done
}
# In conditions: it only looks.
provision_runs() { systemctl -q is-active "systemd-nspawn@$provision_machine.service"; }
# Tries a command until it succeeds, as long as the machine runs.
# In conditions: each failure is returned.
provision_persist() {
  provision_tries=120
  until "$@"; do
    provision_tries=$((provision_tries - 1))
    [ "$provision_tries" -gt 0 ] && provision_runs || return 1
    sleep 0.5
  done
}
# Right after a start, the bus of the guest does not exist yet.
# In conditions: each failure ends the script.
provision_ready() {
  provision_persist provision_ask 5 show -p Version || refuse no-bus "$provision_machine"
}
# SECONDS ARGUMENT…: asks the machine's systemd, and says nothing.
# In conditions: each failure is returned.
provision_ask() {
  provision_asked=$1
  shift
  guest_run answers "$provision_asked" 100000 systemctl -M "$provision_machine" "$@" </dev/null >/dev/null 2>&1
}
# HOW SECONDS BYTES OPTION…: runs the script on stdin inside, as {@link guest_run} does.
# In conditions: each failure is returned.
provision_inside() {
  provision_how=$1 provision_seconds=$2 provision_bytes=$3
  shift 3
  guest_run "$provision_how" "$provision_seconds" "$provision_bytes" \
    systemd-run -M "$provision_machine" --quiet --pipe --wait --collect --service-type=exec --property="RuntimeMaxSec=$provision_seconds" "$@" /bin/sh
}
# STATUS TEXT: refuses if a removal inside failed, by the status of {@link guest_run}.
# In conditions: each failure ends the script.
provision_removed() {
  case $1 in
    0) ;;
    125) refuse guest-flood "$provision_machine" 1 ;;
    *) refuse not-removed "$provision_machine" "$1" "$(printf %s "$2" | tail -n 12 | tail -c 4000)" ;;
  esac
}
# OWNER: answers whether the machine runs, and what an inspection inside it printed, which is the guest's word, not the
# host's. Inspections share the lock of the work in a machine: they wait for it a while, and say so if it is held for longer.
provision_inspect() {
  provision_machine=$(marker_field /var/lib/pulumi-nspawn/provisions/"$1.json" machine)
  provision_text='' provision_state=stopped
  if provision_runs; then
    provision_state=running
    provision_idle=
    lock_open "/run/pulumi-nspawn/provision-$provision_machine.lock" 9
    ! flock -s -w 10 9 || provision_idle=yes
    provision_text=$(
      { printf 'provision_idle=%s\n' "$provision_idle" && cat -- /var/lib/pulumi-nspawn/provisions/"$1.inspect"; } 2>/dev/null \
        | provision_inside answers 60 1000000 9>&-
    ) || :
    exec 9>&-
  fi
  answer provision "$1" "$provision_machine" "$provision_state" "$provision_text"
}
