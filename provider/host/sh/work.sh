# Shell functions that follow a run of a transient unit. The script sets `job_unit`, `job_invocation`, `job_boot`, the
# ID of the boot in which it began, and `job_private` to `yes` if the output is in a file that only root can read, not in
# the journal.
#
# - `job_lines SECONDS` prints the output until the run has ended, and a heartbeat every so many seconds.
# - `job_result` answers how it ended, and the end of its output and systemd's word for its end if it failed.
# - `job_clear LOCK` makes systemd forget the unit.
# - `job_sweep SECONDS` removes results that are older than that, and may leave those that are less than twice as old.

job_results=/run/pulumi-nspawn/units
# If systemd does not answer in time, the unit counts as still running.
# In conditions: it only looks.
job_has_ended() {
  job_state=$(systemctl show -p InvocationID -p SubState "$job_unit" | sort | tr '\n' ' ')
  case $job_state in
    '' | "InvocationID=$job_invocation SubState=running " | "InvocationID=$job_invocation SubState=start"*) return 1 ;;
  esac
}
# By uptime, because the dates of files change their age with the clock, also of the output of a job that still runs:
# what was there at the last sweep goes with the next one. Jobs start at the same time, and one sweep is enough.
job_sweep() {
  lock_open "$job_results/.lock" 6
  if flock -n 6; then
    clock_read
    job_swept=$(cat "$job_results/.swept" 2>/dev/null || echo 0)
    if [ "$clock_seconds" -ge "$((job_swept + $1))" ]; then
      while IFS= read -r job_old; do [ -z "$job_old" ] || rm -f -- "$job_results/$job_old"; done <<END
$(cat "$job_results/.old" 2>/dev/null || :)
END
      file_save "$job_results/.old" "$(ls "$job_results")
"
      file_save "$job_results/.swept" "$clock_seconds"
    fi
  fi
  exec 6>&-
}
# In the background, so that the process is the reader itself, which is killed: hence `exec`.
job_follow() {
  if [ "$job_private" = yes ]; then exec tail -n +1 -F "$job_results/$job_invocation.log"; fi
  exec journalctl -q -f -n all -o cat "_SYSTEMD_INVOCATION_ID=$job_invocation"
}
job_output() {
  if [ "$job_private" = yes ]; then cat "$job_results/$job_invocation.log"; else journalctl -q -o cat "_SYSTEMD_INVOCATION_ID=$job_invocation"; fi
}
# The reader of the output gets SIGKILL: whatever it is doing, it must not keep the pipe open.
job_lines() {
  job_follow 2>/dev/null &
  job_reader=$!
  job_tick=0
  while [ ! -e "$job_results/$job_invocation" ]; do
    sleep 0.2
    job_tick=$((job_tick + 1))
    [ $((job_tick % ($1 * 5))) != 0 ] || echo pulumi-nspawn-heartbeat
    [ $((job_tick % 10)) != 0 ] || ! job_has_ended || break
  done
  sleep 0.2
  kill -KILL "$job_reader" 2>/dev/null || :
}
# In whole lines, of which each shows whether it is a guest's.
job_output_end() {
  job_end=$(
    job_output 2>/dev/null | tail -c 30001
    printf .
  )
  [ "${#job_end}" -le 30001 ] || job_end=${job_end#*
}
  printf %s "${job_end%.}"
}
# A run whose result is not there was killed, or ended with the host.
job_result() {
  job_status=$(cat "$job_results/$job_invocation" 2>/dev/null) || job_status=killed
  if [ "$job_status" = killed ] && [ "$(cat /proc/sys/kernel/random/boot_id)" != "$job_boot" ]; then job_status=rebooted; fi
  if [ "$job_status" = 0 ]; then
    answer ended 0
  else answer ended "$job_status" "$(job_output_end)" "$(systemctl show -p Result --value "$job_unit")"; fi
}
# The result of a finished unit is in its output; the unit itself would stay listed for ever. By now it may be somebody
# else's next run, which must not be touched. A new start clears the unit too, so this need not wait long.
job_clear() {
  job_tick=0
  until job_has_ended || [ "$job_tick" -ge 20 ]; do
    sleep 0.1
    job_tick=$((job_tick + 1))
  done
  lock_open "$1" 9
  flock -w 5 9 || return 0
  if [ "$(systemctl show -p InvocationID --value "$job_unit")" = "$job_invocation" ] && job_has_ended; then
    systemctl stop "$job_unit" 2>/dev/null || :
    systemctl reset-failed "$job_unit" 2>/dev/null || :
  fi
  exec 9>&-
}
