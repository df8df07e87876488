# Shell functions that prepare a change of the host's network, so that it rolls back by itself.
#
# - `network_save MANIFEST TOKEN APPLY ROLLBACK PATH…` copies what is at the paths and in the files that the manifest
# lists, and puts two scripts with them: what carries the change out, and what undoes it. All of it counts once it has
# its name. If `network_gateway_asked` is not empty, it notes whether the gateway answers before the change.
# - `network_arm UNIT TEXT SECONDS` undoes it after so many seconds, or at the next boot, with a unit of this text.

network_pending=/var/lib/pulumi-nspawn/network-change
network_save() {
  network_manifest=$1
  rm -rf -- "$network_pending.new"
  directory_present "$network_pending.new/backup"
  chmod 0700 "$network_pending.new"
  printf %s "$3" >"$network_pending.new/apply"
  printf %s "$4" >"$network_pending.new/rollback"
  printf %s "$2" >"$network_pending.new/token"
  shift 4
  network_index=0
  {
    printf '%s\n' "$@"
    cut -d ' ' -f 3- "$network_manifest" 2>/dev/null || :
  } | grep . | sort -u >"$network_pending.new/all"
  while IFS= read -r network_path; do
    network_index=$((network_index + 1))
    printf '%s %s\n' "$network_index" "$network_path" >>"$network_pending.new/paths"
    { [ ! -e "$network_path" ] && [ ! -L "$network_path" ]; } || cp -dp -- "$network_path" "$network_pending.new/backup/$network_index"
  done <"$network_pending.new/all"
  rm -f -- "$network_pending.new/all"
  [ -z "$network_gateway_asked" ] || ! network_gateway_answers || : >"$network_pending.new/gateway"
  sync
  mv -T -- "$network_pending.new" "$network_pending"
}
network_arm() {
  file_present "/etc/systemd/system/$1" "$2" 0644 || :
  systemctl -q enable "$1"
  systemctl daemon-reload
  systemd-run --quiet --on-active="$3" --timer-property=AccuracySec=100ms --unit="$1"
  sync
}
