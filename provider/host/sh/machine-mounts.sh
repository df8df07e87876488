# Shell functions about what is mounted in running machines, as the kernel lists it (proc(5), mountinfo). A guest can
# mount whatever it likes at any path: these lines are only compared.
#
# - `machine_mounts_answer` answers the mounts of all machines whose lists are in `machine_mountinfos`: for each the file
# of its list, then what is mounted and where. It leaves out what every guest has, and the rest of long lists: one
# guest's list is no more than a small part of what an operation may answer.
# - `machine_mount_lost SOURCE TARGET` succeeds if the machine `machine_pid` no longer has the source as it is on the
# host. A target may be reached through links inside, so the last parts of the names decide; a source that was deleted
# and made again is lost.

machine_mounts_answer() {
  [ -n "$machine_mountinfos" ] || return 0
  # shellcheck disable=SC2086 # words: a list of files
  answer mounts "$(grep -s -H -m 200 -v -E '^[0-9]+ [0-9]+ [0-9:]+ / .* - (cgroup2?|devpts|devtmpfs|mqueue|proc|sysfs|tmpfs) ' $machine_mountinfos \
    | awk '{ split($1, file, ":"); printed[file[1]] += length($4 $5); print file[1], (printed[file[1]] > 65536 ? "" : $4 " " $5) }')"
}
# In conditions: it only looks.
machine_mount_lost() {
  machine_led=$(realpath -m -- "$1")
  machine_led=$(mountinfo_path "${machine_led##*/}") machine_source=$(mountinfo_path "${1##*/}") machine_target=$(mountinfo_path "${2##*/}") awk '
    function last(path) { sub(/\/\/deleted$/, "", path); sub(/.*\//, "", path); return path }
    $4 !~ /\/\/deleted$/ && (last($4) == ENVIRON["machine_source"] || last($4) == ENVIRON["machine_led"] || last($5) == ENVIRON["machine_target"]) { found = 1; exit }
    END { exit found }' "/proc/$machine_pid/mountinfo" 2>/dev/null
}
