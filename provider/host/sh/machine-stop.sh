# Shell functions about a stop of a machine that is only there for the next start: what is checked before it, and how it
# is rolled back. The caller sets `machine_name`, `machine_unit`, `machine_manifest` and `machine_exchanged`.

# Refuses before a stop if what the next start needs does not answer, or if there is no room: SERVICE…, by names of the
# bus.
machine_may_stop() {
  for machine_service in org.freedesktop.machine1 "$@"; do
    machine_answers "$machine_service" || {
      machine_asked org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus GetId || machine_service=org.freedesktop.DBus
      refuse host-silent "$machine_service"
    }
  done
  for machine_place in /run/pulumi-nspawn/started "$images" "${machine_manifest%/*}"; do file_room "$machine_place"; done
}
# In conditions: it only looks.
machine_answers() { machine_asked "$1" / org.freedesktop.DBus.Peer Ping; }
# In conditions: it only looks.
machine_asked() { timeout -k 1 15 busctl --timeout=10 --quiet call "$@" >/dev/null 2>&1; }
# Before a stop: if the script ends without the machine, the machine starts again, from the root that it had. ROOT BEFORE
machine_guard() {
  machine_root_name=$1 machine_root_before=$2
  trap 'exit 129' HUP
  trap 'exit 143' TERM
  # If nobody listens any longer, the work still has to come to an end.
  trap : PIPE
  trap 'machine_return || :' EXIT
}
# In conditions: it tries everything, and says what has come of it.
machine_return() {
  trap - EXIT
  trap : HUP TERM
  case $(systemctl is-active "$machine_unit") in
    active | reloading) return 0 ;;
    activating) [ -n "$machine_exchanged" ] || return 0 ;;
  esac
  machine_at_rest || (machine_stop) >/dev/null 2>&1
  # In the background `set -e` holds, and the exchange may end its shell.
  ([ -z "$machine_root_before" ] || generation_exchange "$machine_root_name" "$machine_root_before") >/dev/null 2>&1 &
  if ! wait "$!"; then
    answer afterwards "The machine is stopped, because its old root could not be put back: see /var/lib/machines/.pulumi-$machine_root_name.$machine_root_before on the host."
    return 1
  fi
  systemctl reset-failed "$machine_unit" 2>/dev/null
  # The first start after a kill may fail because of what the kill left.
  if timeout -k 1 30 systemctl start "$machine_unit" 2>/dev/null || timeout -k 1 30 systemctl start "$machine_unit"; then
    (machine_note_settings) >/dev/null 2>&1
    (machine_start_dependents) >/dev/null 2>&1
    answer afterwards "The machine had been stopped for this, and runs again${machine_exchanged:+ from its old root}."
  else
    answer afterwards "The machine had been stopped for this, and could not be started again: it is down. Once the cause is gone, run \`pulumi up\` again, or on the host: systemctl start $machine_unit."
  fi
}
