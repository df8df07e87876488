# Shell functions that follow a run of a transient unit. The script sets `work_unit`, `work_invocation`, and
# `work_private` to `yes` if the output is in a file that only root can read, not in the journal.
#
# - `work_lines SECONDS` prints the output until the run has ended, and a heartbeat every so many seconds.
# - `work_result` answers how it ended, and the end of its output if it failed.
# - `work_clear LOCK` makes systemd forget the unit.

work_results=/run/pulumi-nspawn/units
# If systemd does not answer in time, the unit counts as still running.
# In conditions: it only looks.
work_has_ended() {
  work_state=$(systemctl show -p InvocationID -p SubState "$work_unit" | sort | tr '\n' ' ')
  case $work_state in
    '' | "InvocationID=$work_invocation SubState=running " | "InvocationID=$work_invocation SubState=start"*) return 1 ;;
  esac
}
# In the background, so that the process is the reader itself, which is killed: hence `exec`.
work_follow() {
  if [ "$work_private" = yes ]; then exec tail -n +1 -F "$work_results/$work_invocation.log"; fi
  exec journalctl -q -f -n all -o cat "_SYSTEMD_INVOCATION_ID=$work_invocation"
}
work_output() {
  if [ "$work_private" = yes ]; then cat "$work_results/$work_invocation.log"; else journalctl -q -o cat "_SYSTEMD_INVOCATION_ID=$work_invocation"; fi
}
# The reader of the output gets SIGKILL: whatever it is doing, it must not keep the pipe open.
work_lines() {
  work_follow 2>/dev/null &
  work_reader=$!
  work_tick=0
  while [ ! -e "$work_results/$work_invocation" ]; do
    sleep 0.2
    work_tick=$((work_tick + 1))
    [ $((work_tick % ($1 * 5))) != 0 ] || echo pulumi-nspawn-heartbeat
    [ $((work_tick % 10)) != 0 ] || ! work_has_ended || break
  done
  sleep 0.2
  kill -KILL "$work_reader" 2>/dev/null || :
}
work_result() {
  work_status=$(cat "$work_results/$work_invocation" 2>/dev/null) || work_status=killed
  if [ "$work_status" = 0 ]; then
    answer ended 0
  else answer ended "$work_status" "$(work_output 2>/dev/null | tail -c 30000)"; fi
}
# The result of a finished unit is in its output; the unit itself would stay listed for ever. By now it may be somebody
# else's next run, which must not be touched. A new start clears the unit too, so this need not wait long.
work_clear() {
  work_tick=0
  until work_has_ended || [ "$work_tick" -ge 20 ]; do
    sleep 0.1
    work_tick=$((work_tick + 1))
  done
  exec 9>"$1"
  flock -w 5 9 || return 0
  if [ "$(systemctl show -p InvocationID --value "$work_unit")" = "$work_invocation" ] && work_has_ended; then
    systemctl stop "$work_unit" 2>/dev/null || :
    systemctl reset-failed "$work_unit" 2>/dev/null || :
  fi
  exec 9>&-
}
