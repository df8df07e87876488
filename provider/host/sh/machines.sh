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
    || journalctl -q --no-pager -o cat -n "$1" _SYSTEMD_INVOCATION_ID="$machine_invocation" + INVOCATION_ID="$machine_invocation" _PID=1 \
    | tail -c 20000
}
# What systemd-nspawn says about the machine's settings. The console of the guest is in the same journal, but as stdout:
# only systemd-nspawn itself writes there by the journal's protocol, and journald notes which way a line came.
# In conditions: it only looks.
machine_complaints() {
  machine_invocation=$(systemctl show -p InvocationID --value "$machine_unit")
  journalctl -q --no-pager -o cat _SYSTEMD_INVOCATION_ID="$machine_invocation" _TRANSPORT=journal _COMM=systemd-nspawn \
    | grep -F "/$machine_name.nspawn:" | head -c 20000
}
# Of such complaints, those about lines with these numbers (`ours`), and about no line; or all `others`.
machine_complaints_about() {
  awk -v which="$1" -v numbers=" $2 " '{
    number = ""
    if (match($0, /\.nspawn:[0-9]+:/)) number = substr($0, RSTART + 8, RLENGTH - 9)
    if ((number == "" || index(numbers, " " number " ") > 0) == (which == "ours")) print
  }'
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
machine_states=
machine_known_no_more() { machine_pid='' machine_state=; }
# Sets machine_pid to its PID 1 as numbered on the host.
# In conditions: it only looks.
machine_find_leader() {
  { [ -n "$machine_pid" ] && [ -e "/proc/$machine_pid" ]; } \
    || machine_pid=$(machinectl show "$machine_name" -p Leader --value 2>/dev/null)
}
# Sets machine_state to what its own systemd reports, if that is one of the words it has.
machine_ask_state() {
  machine_state=$(guest_run answers 10 100 systemctl -M "$machine_name" is-system-running </dev/null 2>/dev/null) || :
  case $machine_state in initializing | starting | running | degraded | maintenance | stopping | offline | unknown) ;; *) machine_state= ;; esac
}
# Prints the names of its units that failed.
machine_failed_units() {
  guest_run answers 10 20000 systemctl -M "$machine_name" list-units --failed --no-legend --plain </dev/null | grep -o '^[][A-Za-z0-9:_.@\\-]*' | tr '\n' ' '
}
machine_find_state() {
  if [ -n "$machine_states" ]; then
    machine_state=$(cat "$machine_states/$machine_name" 2>/dev/null) || :
  elif [ -z "$machine_state" ]; then machine_ask_state; fi
}
# Asks all machines at the same time, so that those that do not answer do not add up. What they say is in the directory
# machine_states until `machines_asked`.
machines_ask() {
  machine_states=$(mktemp -d)
  machine_units=$(systemctl list-units --plain --no-legend --state=active 'systemd-nspawn@*.service' | cut -d ' ' -f 1)
  for machine_unit in $machine_units; do
    machine_name=${machine_unit#systemd-nspawn@}
    machine_name=${machine_name%.service}
    {
      machine_ask_state
      printf %s "$machine_state" >"$machine_states/$machine_name"
    } &
  done
  wait
}
machines_asked() {
  rm -rf -- "$machine_states"
  machine_states=
}
# Prints lines INTERFACE ADDRESS, IPv4 first, in the order of the links. A guest may have given itself any number of
# addresses: no more than these are of use to anyone.
machine_links() {
  timeout -k 1 10 nsenter -t "$machine_pid" -n ip -o addr show scope global 2>/dev/null | head -c 1000000 \
    | awk '$2 ~ /^host[0-9]+$/ { sub("/.*", "", $4); print ($4 ~ /:/), $2, $4 }' | sort -k 1,1 -k 2,2 -s | head -n 64 | cut -d ' ' -f 2-
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
      machine_find_leader && machine_booted
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
  # A start of the unit is a boot of the machine. For the ID that the guest's kernel shows, the guest would have to be asked.
  answer boot-id "$machine_name" "$(systemctl show -p InvocationID --value "$machine_unit" || :)"
  answer interface "$machine_name" "$(machine_interface)"
  for machine_address in $(machine_addresses); do answer address "$machine_name" "$machine_address"; done
}
