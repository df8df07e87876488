# Shell functions about what overrides a machine's unit and its drop-ins (systemd.unit(5)). The caller sets
# `machine_unit`.
#
# - `units_answer PROPERTIES MARKER…` answers what systemd has for the units of the machines with these markers, and
# whether machines.target starts at boot.
# - `unit_reclaim KEY…` removes assignments of these keys, written as in a file, from drop-ins of the unit that override
# ours. Of `KEY=`, which other files may add to, only those that empty it. Anything else in these files stays. Succeeds
# if it changed something, and ends the script if it fails.
# - `unit_restore` removes a unit file of the machine's own, which replaces the shipped one, and with `masks` only one
# that masks it. Succeeds if it changed something, and ends the script if it fails.
# - `unit_expect KEY…` refuses with `unit-overridden` if a drop-in for all machines overrides ours.
# - `unit_expect_none` refuses with `foreign-file` if there is a unit file that `unit_restore` would remove.
# - `unit_unread` succeeds if files of the unit changed since systemd read them.

# `systemctl set-property` writes to the first ones, and sets the property itself at once.
unit_control='/etc/systemd/system.control /run/systemd/system.control /run/systemd/transient'
unit_local='/etc/systemd/system /run/systemd/system'
unit_shared='/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system'
units_answer() {
  units_properties=$1 units_names=
  shift
  for units_marker; do
    [ -e "$units_marker" ] || continue
    units_name=${units_marker##*/}
    units_names="$units_names systemd-nspawn@${units_name%.json}.service"
  done
  [ -n "$units_names" ] || return 0
  # shellcheck disable=SC2086 # words: a list of units
  answer units "$(systemctl show --property="$units_properties" -- $units_names || :)"
  answer machines-target "$(systemctl is-enabled machines.target 2>/dev/null || :)"
}
# In conditions: it only looks.
unit_sorts_last() { [ "$(printf '90-pulumi-nspawn-\n%s\n' "$1" | sort | tail -n 1)" = "$1" ]; }
# Prints a file without its assignments of keys: FILE KEY…
# In conditions: it only looks.
unit_without() {
  unit_read=$1
  shift
  unit_keys="$*" awk '
    BEGIN { count = split(ENVIRON["unit_keys"], keys, " ") }
    dropped && continued { continued = /\\$/; next }
    {
      dropped = 0
      key = $0; sub(/=.*/, "", key); gsub(/^[ \t]+|[ \t]+$/, "", key)
      for (at = 1; at <= count && !dropped; at++)
        dropped = $0 ~ /=/ && (key == keys[at] || key "=" == keys[at] && $0 ~ /=[ \t]*$/)
      continued = /\\$/
      if (!dropped) print
    }' "$unit_read"
}
# In conditions: it only looks.
unit_overrides() { ! unit_without "$@" | cmp -s - "$1"; }
# Removes the assignments of keys from a file, and the file if nothing else is set in it: FILE KEY…
# In conditions: each failure ends the script.
unit_remove() {
  unit_rest=$(unit_without "$@" && printf .) || exit 1
  unit_mode=$(stat -Lc %a -- "$1") || exit 1
  if printf '%s\n' "${unit_rest%.}" | grep -q '^[[:blank:]]*[^][:blank:][#;=][^=]*='; then
    file_present "$1" "${unit_rest%.}" "0$unit_mode" || :
  else file_absent "$1" || :; fi
}
# In conditions: each failure ends the script.
unit_reclaim() {
  unit_removed=no
  for unit_directory in $unit_control $unit_local; do
    for unit_path in "$unit_directory/$machine_unit.d"/*.conf; do
      unit_conflicts "$unit_directory" "$unit_path" "$@" || continue
      unit_remove "$unit_path" "$@"
      unit_removed=yes
    done
  done
  [ "$unit_removed" = yes ]
}
# In conditions: it only looks.
unit_conflicts() {
  unit_where=$1
  shift
  [ -e "$1" ] && [ "$#" -gt 1 ] || return 1
  case $unit_where:${1##*/} in
    /etc/systemd/system:90-pulumi-nspawn-*) return 1 ;;
    *.control:* | */transient:*) ;;
    *) unit_sorts_last "${1##*/}" || return 1 ;;
  esac
  unit_overrides "$@"
}
# In conditions: each failure ends the script.
unit_restore() {
  unit_removed=no
  for unit_path in /etc/systemd/system.control/"$machine_unit" /run/systemd/system.control/"$machine_unit" /etc/systemd/system/"$machine_unit" /run/systemd/system/"$machine_unit"; do
    unit_replaces "$1" "$unit_path" || continue
    rm -f -- "$unit_path" || exit 1
    unit_removed=yes
  done
  [ "$unit_removed" = yes ]
}
# In conditions: it only looks.
unit_replaces() {
  { [ -e "$2" ] || [ -L "$2" ]; } || return 1
  [ "$1" != masks ] || { [ -e "$2" ] && [ ! -s "$2" ]; }
}
unit_expect_none() {
  for unit_path in /etc/systemd/system/"$machine_unit" /run/systemd/system/"$machine_unit"; do
    if [ -e "$unit_path" ] || [ -L "$unit_path" ]; then refuse foreign-file "$unit_path"; fi
  done
}
unit_expect() {
  [ "$#" -gt 0 ] || return 0
  for unit_directory in $unit_shared; do
    for unit_path in "$unit_directory"/systemd-nspawn@.service.d/*.conf "$unit_directory"/systemd-.service.d/*.conf "$unit_directory"/service.d/*.conf; do
      [ -e "$unit_path" ] && unit_sorts_last "${unit_path##*/}" && unit_overrides "$unit_path" "$@" || continue
      refuse unit-overridden "$unit_path" "$(unit_without "$unit_path" "$@" | diff - "$unit_path" | sed -n 's/^> //p')"
    done
  done
}
# In conditions: it only looks.
unit_unread() { [ "$(systemctl show -p NeedDaemonReload --value -- "$machine_unit")" = yes ]; }
