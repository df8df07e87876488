# Shell functions about the files that a machine read when it started; the caller sets `machine_name` and
# `machine_manifest`.

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
