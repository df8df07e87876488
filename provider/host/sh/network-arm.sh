# Shell functions that prepare a change of the host's network, so that it rolls back by itself.
#
# - `network_save MANIFEST TOKEN APPLY ROLLBACK PATH…` copies what is at the paths and in the files that the manifest
# lists, and puts two scripts with them: what carries the change out, and what undoes it. All of it counts once it has
# its name. If `network_gateway_asked` is not empty, it notes whether the gateway answers before the change.
# - `network_arm UNIT TEXT SECONDS` undoes it after so many seconds, or at the next boot, with a unit of this text.
# - `network_unarmed UNIT` is for a change that cannot be armed: nothing has changed yet, and it must not count as pending.

network_pending=/var/lib/pulumi-nspawn/network-change
network_save() {
  network_manifest=$1
  rm -rf -- "$network_pending.new"
  directory_present "$network_pending.new/backup"
  chmod 0700 "$network_pending.new"
  file_save "$network_pending.new/apply" "$3"
  file_save "$network_pending.new/rollback" "$4"
  file_save "$network_pending.new/token" "$2"
  shift 4
  network_all=$({
    printf '%s\n' "$@"
    cut -d ' ' -f 3- "$network_manifest" 2>/dev/null || :
  } | grep . | sort -u)
  network_index=0 network_paths=''
  while IFS= read -r network_path; do
    network_index=$((network_index + 1))
    network_paths="$network_paths$network_index $network_path
"
    if [ ! -e "$network_path" ] && [ ! -L "$network_path" ]; then continue; fi
    network_why=$(cp -dp -- "$network_path" "$network_pending.new/backup/$network_index" 2>&1) \
      || file_failed "$network_pending.new/backup/$network_index" "$network_why"
  done <<END
$network_all
END
  file_save "$network_pending.new/paths" "$network_paths"
  if [ -n "$network_gateway_asked" ] && network_gateway_answers; then file_save "$network_pending.new/gateway" ""; fi
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
# In conditions: it tries everything.
network_unarmed() {
  rm -rf -- "$network_pending.new" "$network_pending"
  systemctl -q --no-reload disable "$1" 2>/dev/null
  rm -f -- "/etc/systemd/system/$1"
  systemctl daemon-reload
}
