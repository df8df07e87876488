# Shell functions about one machine; the caller sets `machine_name`, `machine_unit`, `machine_marker` and
# `machine_manifest`.

# In conditions: it only looks.
machine_active() { systemctl -q is-active "$machine_unit"; }
# In conditions: it only looks.
machine_marker_field() { marker_field "$machine_marker" "$1"; }
# In conditions: it only looks.
machine_journal() {
  machine_invocation=$(systemctl show -p InvocationID --value "$machine_unit")
  [ -z "$machine_invocation" ] \
    || journalctl -q --no-pager -o cat -n "$1" _SYSTEMD_INVOCATION_ID="$machine_invocation" + INVOCATION_ID="$machine_invocation"
}
# journald can lag behind on a busy host: without this, the last lines of what has just failed are missing.
# In conditions: the journal is read as far as it goes.
machine_journal_written() { timeout 20 journalctl --sync || :; }
# A machine that systemd is about to start again is not at rest, either.
# In conditions: it only looks.
machine_at_rest() { case $(systemctl is-active "$machine_unit") in inactive | failed | unknown) return 0 ;; *) return 1 ;; esac }
# Units that require it stop with it. They are started again with it, even if one script stops it and another starts it.
machine_note_dependents() {
  for machine_dependent in $(systemctl show -p RequiredBy -p BoundBy --value -- "$1"); do
    case " $machine_dependents " in *" $machine_dependent "*) continue ;; esac
    systemctl -q is-active -- "$machine_dependent" || continue
    machine_dependents="$machine_dependents $machine_dependent"
    machine_note_dependents "$machine_dependent"
  done
}
machine_start_dependents() {
  [ -e "/run/pulumi-nspawn/dependents/$machine_name" ] || return 0
  machine_dependents=$(cat "/run/pulumi-nspawn/dependents/$machine_name")
  # shellcheck disable=SC2086 # words: a list of units
  systemctl start -- $machine_dependents || answer warning "these units stopped with the machine $machine_name, and do not start again:$machine_dependents"
  rm -f -- "/run/pulumi-nspawn/dependents/$machine_name"
}
machine_stop() {
  machine_dependents=
  machine_note_dependents "$machine_unit"
  if [ -n "$machine_dependents" ]; then
    file_save "/run/pulumi-nspawn/dependents/$machine_name" "$(cat "/run/pulumi-nspawn/dependents/$machine_name" 2>/dev/null || :)$machine_dependents
"
  fi
  systemctl stop "$machine_unit" || systemctl kill -s KILL --kill-whom=all "$machine_unit" || :
  systemctl reset-failed "$machine_unit" 2>/dev/null || :
}
# systemd from 256 on can leave a mount behind when nspawn is killed. The next start fails because of it, and removes it
# (issue 34776).
# In conditions: it only looks.
machine_mount_left() {
  grep -qF -e " /run/systemd/nspawn/unix-export/$machine_name " -e " /run/systemd/nspawn/$machine_name/unix-export " /proc/self/mountinfo
}
# In conditions: each failure is returned, or ends the script.
machine_start() {
  machine_known_no_more
  rm -f -- "/run/pulumi-nspawn/started/$machine_name" || return 1
  systemctl reset-failed "$machine_unit" 2>/dev/null || :
  machine_left=no
  if machine_mount_left; then machine_left=yes; fi
  until systemctl start "$machine_unit"; do
    [ "$machine_left" = yes ] || return 1
    machine_left=no
    systemctl reset-failed "$machine_unit" 2>/dev/null || :
  done
  machine_note_settings
}
# The files that it reads when it starts, by their content: the times of files are those of clocks, which may be wrong.
# In conditions: it only looks.
machine_settings() {
  set --
  [ ! -e "$machine_manifest" ] || while read -r machine_effect machine_kind machine_file; do
    [ "$machine_effect" != restart ] || [ ! -f "$machine_file" ] || set -- "$@" "$machine_file"
  done <"$machine_manifest"
  [ "$#" = 0 ] || sha256sum -- "$@"
}
# In conditions: each failure ends the script.
machine_note_settings() {
  machine_noted=$(machine_settings) || exit 1
  file_save "/run/pulumi-nspawn/started/$machine_name" "$machine_noted
"
}
# Nobody knows with which files the host started it at boot. Those that are there before a change are taken for them.
# In conditions: each failure ends the script.
machine_settings_known() {
  [ -s "/run/pulumi-nspawn/started/$machine_name" ] || [ ! -e "$machine_manifest" ] || machine_note_settings
}
# In conditions: it only looks.
machine_stale() {
  [ -s "/run/pulumi-nspawn/started/$machine_name" ] && [ "$(machine_settings)" != "$(cat "/run/pulumi-nspawn/started/$machine_name")" ]
}
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
machine_known_no_more() { machine_pid='' machine_state=; }
# Sets machine_pid to its PID 1 as numbered on the host.
# In conditions: it only looks.
machine_find_leader() {
  { [ -n "$machine_pid" ] && [ -e "/proc/$machine_pid" ]; } \
    || machine_pid=$(machinectl show "$machine_name" -p Leader --value 2>/dev/null)
}
# Sets machine_state to what its own systemd reports.
machine_ask_state() { machine_state=$(timeout 10 systemctl -M "$machine_name" is-system-running 2>/dev/null) || :; }
machine_find_state() { [ -n "$machine_state" ] || machine_ask_state; }
# Prints lines INTERFACE ADDRESS, IPv4 first, in the order of the links.
machine_links() {
  nsenter -t "$machine_pid" -n ip -o addr show scope global 2>/dev/null \
    | awk '$2 ~ /^host[0-9]+$/ { sub("/.*", "", $4); print ($4 ~ /:/), $2, $4 }' | sort -k 1,1 -k 2,2 -s | cut -d ' ' -f 2-
}
machine_addresses() { machine_links | cut -d ' ' -f 2; }
# Each argument is INTERFACE=ADDRESS; without an address, any IPv4 address is enough.
machine_networked() {
  machine_find_leader || return 1
  machine_now=$(machine_links)
  for machine_link; do
    if [ -n "${machine_link#*=}" ]; then
      printf '%s\n' "$machine_now" | grep -qxF -- "${machine_link%%=*} ${machine_link#*=}" || return 1
    else printf '%s\n' "$machine_now" | grep -q "^${machine_link%%=*} [0-9.]*\$" || return 1; fi
  done
}
# The machine's systemd notifies systemd-nspawn, which shows it as the status of its unit. Until then the machine itself
# is asked only now and then, in case its init sends no notification: each question starts processes inside, which
# delays the boot. (With --wait it does not return if asked at the wrong moment: with systemd from 257 on inside, or one
# that re-executes itself.)
machine_booted() {
  case $(systemctl show -p StatusText --value "$machine_unit") in
    *': Ready.' | *': Startup finished in '*) ;;
    *) [ $((machine_ticks % 10)) = $((10 - 1)) ] || return 1 ;;
  esac
  machine_ask_state
  case $machine_state in running | degraded) return 0 ;; *) return 1 ;; esac
}
# The kernel keeps a name that is too long as an alternative name.
machine_interface() {
  { ip -o link show dev "ve-$machine_name" || ip -o link show dev "vb-$machine_name"; } 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
}
# In conditions: it only looks.
machine_reached() {
  case $1 in
    started) return 0 ;;
    booted)
      # Before its bus exists, a question is useless, and takes CPU time from the boot.
      machine_find_leader && [ -S "/proc/$machine_pid/root/run/dbus/system_bus_socket" ] && machine_booted
      ;;
    networked)
      # shellcheck disable=SC2086 # words: a list of links
      machine_networked $machine_expected
      ;;
  esac
}
# In conditions: it only looks.
machine_wait() {
  machine_ticks=0
  until machine_reached "$1"; do
    [ -e "/proc/${machine_pid:-gone}" ] || machine_active || {
      machine_why="it stopped before it was $1"
      return 1
    }
    clock_read
    [ "$clock_seconds" -lt "$2" ] || {
      machine_why="it was not $1 in time"
      return 1
    }
    machine_ticks=$((machine_ticks + 1))
    if [ "$machine_ticks" -lt 20 ]; then sleep 0.1; else sleep 0.3; fi
  done
}
# In conditions: each failure is returned.
machine_bring_up() {
  machine_why="its unit did not start"
  answer progress starting
  machine_start || return 1
  clock_read
  machine_deadline=$((clock_seconds + $1))
  shift
  for machine_level; do
    answer progress "waiting until $machine_level"
    machine_wait "$machine_level" "$machine_deadline" || return 1
  done
  machine_start_dependents
}
machine_answer() {
  machine_now=$(systemctl is-active "$machine_unit" || :)
  answer active "$machine_name" "$machine_now"
  answer enabled "$machine_name" "$(systemctl is-enabled "$machine_unit" 2>/dev/null || :)"
  [ "$machine_now" = active ] || return 0
  machine_find_leader || return 0
  machine_find_state
  answer system-state "$machine_name" "$machine_state"
  answer leader "$machine_name" "$machine_pid"
  answer boot-id "$machine_name" "$(cat "/proc/$machine_pid/root/proc/sys/kernel/random/boot_id" 2>/dev/null || :)"
  answer interface "$machine_name" "$(machine_interface)"
  for machine_address in $(machine_addresses); do answer address "$machine_name" "$machine_address"; done
}
