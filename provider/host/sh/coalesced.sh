# The shell function `coalesced NAME COMMAND…` is for a command that makes a daemon reload what all scripts write, and
# that fails or costs too much if each of eight scripts runs it at the same time. It runs under a lock. It does not run
# at all if another script's run has succeeded that began after this call: that run has read what this script wrote.
# Fails if the command fails, and refuses with `locked`.
#
# `begun` grows by one byte for each run that begins; `done` has its size at the start of the last successful run.

coalesced_directory=/run/pulumi-nspawn/coalesced
# In conditions: each failure ends the script.
coalesced() {
  coalesced_name=$1 coalesced_files=$coalesced_directory/$1
  shift
  directory_present "$coalesced_directory"
  coalesced_asked=$(coalesced_begun) || exit 1
  lock_open "$coalesced_files.lock" 6
  flock -w 120 6 || refuse locked "$coalesced_name"
  coalesced_status=0
  coalesced_last=$(coalesced_done) || exit 1
  if [ "$coalesced_last" -le "$coalesced_asked" ]; then
    printf . >>"$coalesced_files.begun" || {
      file_room "$coalesced_directory"
      exit 1
    }
    if "$@" 6>&-; then
      coalesced_now=$(coalesced_begun) || exit 1
      file_save "$coalesced_files.done" "$coalesced_now"
    else coalesced_status=$?; fi
  fi
  exec 6>&-
  return "$coalesced_status"
}
# In conditions: it only looks.
coalesced_begun() { if [ -e "$coalesced_files.begun" ]; then stat -c %s -- "$coalesced_files.begun"; else echo 0; fi; }
# In conditions: it only looks.
coalesced_done() { if [ -s "$coalesced_files.done" ]; then cat -- "$coalesced_files.done"; else echo 0; fi; }
