# Shell functions: `provision_step KEY NAME HASH USER SCRIPT CHECK` runs a step with the credentials in
# `provision_secrets`, and ends the script if it fails; `provision_step_due KEY WHEN HASH` succeeds if the step must
# run. A record is written when a step begins, so that an interrupted step does not count as done.

provision_boot=$(cat /proc/sys/kernel/random/boot_id)
# In conditions: it only looks.
provision_record() { cat "$provision_dir/steps/$1/$2" 2>/dev/null || :; }
# In conditions: it only looks.
provision_step_due() {
  [ "$(provision_record "$1" status)" = 0 ] || return 0
  case $2 in
    once) return 1 ;;
    start) [ "$(provision_record "$1" boot)" = "$provision_boot" ] || return 0 ;;
  esac
  [ "$(provision_record "$1" hash)" != "$3" ]
}
# KEY NAME HASH STATUS: the status is on disk first, so that a step whose script is new never counts as done by the old
# one. A step that runs has the room for its success already.
provision_step_note() {
  provision_step_at=$provision_dir/steps/$1
  (umask 077 && mkdir -p -- "$provision_step_at")
  rm -f -- "$provision_step_at/done"
  file_stage "$provision_step_at/status" "$4" any || :
  file_stage "$provision_step_at/name" "$2" any || :
  file_stage "$provision_step_at/hash" "$3" any || :
  file_stage "$provision_step_at/boot" "$provision_boot" any || :
  if [ "$4" = running ]; then file_stage "$provision_step_at/done" 0 any || :; fi
  files_commit "$provision_step_at/status"
}
# A rename needs no room: what a step did is not done again because the disk is full now.
provision_step_done() {
  mv -fT -- "$provision_dir/steps/$1/done" "$provision_dir/steps/$1/status"
  sync -- "$provision_dir/steps/$1"
}
# In conditions: it only looks.
provision_within_home() {
  provision_home_of=$(provision_field "$1" 6)
  [ -n "$provision_home_of" ] && (cd -- "$provision_home_of" && [ -e "$2" ])
}
# USER CHECK
# In conditions: it only looks.
provision_checked() {
  provision_limit=30
  if provision_as "$1" "$2" >/dev/null 2>&1; then provision_limit=; else
    provision_limit=
    return 1
  fi
}
# Shows the last line of its output while it runs.
provision_step_watch() {
  while sleep 1; do provision_say "$1: $(tail -n 1 -- "$2" | tr '\r' '\n' | sed '/^$/d' | tail -n 1 | tr -d '\000-\037' | cut -c 1-200)"; done
}
provision_step() {
  provision_step_note "$1" "$2" "$3" running
  provision_say "$2"
  provision_output=$provision_dir/steps/$1/output
  : >"$provision_output"
  if [ -n "$provision_secrets" ]; then
    provision_credentials=$(mktemp -d /run/pulumi-nspawn-credentials.XXXXXX)
    (
      umask 077
      cd -- "$provision_credentials"
      eval "$provision_secrets"
    )
    chown -R -- "$4:" "$provision_credentials"
  fi
  provision_step_watch "$2" "$provision_output" &
  provision_watcher=$!
  provision_status=0
  provision_as "$4" "$5" >"$provision_output" 2>&1 || provision_status=$?
  kill "$provision_watcher" 2>/dev/null || :
  wait "$provision_watcher" 2>/dev/null || :
  [ -z "$provision_credentials" ] || rm -rf -- "$provision_credentials"
  provision_credentials=
  if [ "$provision_status" = 0 ] && [ -n "$6" ] && ! provision_checked "$4" "$6"; then
    echo "its check still fails after it" >>"$provision_output"
    provision_status=1
  fi
  [ "$provision_status" != 0 ] || provision_step_done "$1"
  # On a full disk the output stays whole.
  if tail -c 8192 -- "$provision_output" >"$provision_output.end"; then mv -f -- "$provision_output.end" "$provision_output"; else rm -f -- "$provision_output.end"; fi
  if [ "$provision_status" != 0 ]; then
    answer failed "$2" "$provision_status" "$(tail -c 8192 -- "$provision_output")"
    provision_step_note "$1" "$2" "$3" "$provision_status"
  fi
  sed -n 's/^pulumi-nspawn-warning: //p' "$provision_output" >>"$provision_dir/warnings"
  [ "$provision_status" = 0 ] || exit 1
}
