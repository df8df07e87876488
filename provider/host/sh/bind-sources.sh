# Shell functions about sources, and the markers that say who has them.

# In conditions: it only looks.
source_is_of() { marker_is "$1" owner "$2"; }
# A directory that stayed when its resource was deleted has no owner any longer.
# In conditions: it only looks.
source_is_kept() { marker_is "$1" kept yes; }
# MARKER URN STACK.
# In conditions: it only looks.
source_is_kept_for() { marker_is "$1" urn "$2" && marker_is "$1" stack "$3"; }
source_forget() {
  file_absent "$1" || :
  rmdir -- /var/lib/pulumi-nspawn 2>/dev/null || :
}
# Directories above it that were created for another source also count as created for this one: the last source removes
# them.
source_share() {
  [ "$source_made" -gt 0 ] || return 0
  for source_marker in /var/lib/pulumi-nspawn/sources/*.json; do
    [ -e "$source_marker" ] || continue
    source_top=$(marker_field "$source_marker" path) source_steps=$(marker_field "$source_marker" made)
    [ "$source_steps" -gt 1 ] || continue
    while [ "$source_steps" -gt 1 ]; do source_top=${source_top%/*} source_steps=$((source_steps - 1)); done
    case $1 in "$source_top"/*) ;; *) continue ;; esac
    source_below=$(printf %s "${1#"$source_top"}" | tr -cd / | wc -c)
    [ "$source_made" -gt "$source_below" ] || source_made=$((source_below + 1))
  done
}
# Step by step from the root, so that a link that someone creates meanwhile is not followed.
source_enter() {
  cd /
  source_rest=${1#/}
  while [ -n "$source_rest" ]; do
    source_step=./${source_rest%%/*}
    [ ! -L "$source_step" ] || {
      source_leads=$(realpath -m -- "$1")
      refuse source-symlink "$1" "$1" "$source_leads" "$source_leads"
    }
    [ -d "$source_step" ] || mkdir -m 0700 -- "$source_step"
    cd -P -- "$source_step"
    case $source_rest in */*) source_rest=${source_rest#*/} ;; *) source_rest= ;; esac
  done
  [ "$(pwd -P)" = "$1" ] || refuse source-symlink "$1" "$1" "$(pwd -P)" "$(pwd -P)"
}
# Not in a pipe, which would treat a list that cannot be read as an empty one.
# In conditions: it only looks, and what it cannot see ends the script.
source_machines() {
  registered_machines || {
    echo "the machines of the host cannot be listed" >&2
    exit 1
  }
}
# The first mount of `source_listed` on `source_device`, or below it, in a machine; nothing for one that stops meanwhile.
# A machine is still listed for a moment after its first process has ended. What a guest has mounted can be any number of
# long lines, so the list is never kept as a whole.
# In conditions: it only looks, and what it cannot see ends the script.
source_mounts() {
  source_tries=50
  until source_leader=$(machinectl show "$1" -p Leader --value 2>/dev/null) && source_found=$(
    source_device=$source_device source_listed=$source_listed awk '
      $3 == ENVIRON["source_device"] && ($4 == ENVIRON["source_listed"] || ENVIRON["source_listed"] == "/" || index($4, ENVIRON["source_listed"] "/") == 1) { print $4; exit }
    ' "/proc/$source_leader/mountinfo" 2>/dev/null
  ); do
    source_names=$(source_machines) || exit 1
    printf '%s\n' "$source_names" | grep -qxF -- "$1" || return 0
    source_tries=$((source_tries - 1))
    [ "$source_tries" -gt 0 ] || {
      echo "the mounts of the machine $1 cannot be read" >&2
      exit 1
    }
    sleep 0.1
  done
  printf '%s\n' "$source_found"
}
# Machines that have it mounted. The kernel lists their mounts with blanks and backslashes as octal numbers.
source_users() {
  source_device=$(findmnt -n -o MAJ:MIN -T "$1" | tr -d ' ')
  source_root=$(findmnt -n -o FSROOT -T "$1") source_mount=$(findmnt -n -o TARGET -T "$1")
  source_listed=$source_root
  [ "$1" = "$source_mount" ] || source_listed=${source_root%/}/${1#"${source_mount%/}/"}
  source_listed=$(mountinfo_path "$source_listed")
  command -v machinectl >/dev/null || return 0
  source_names=$(source_machines) || exit 1
  printf '%s\n' "$source_names" | grep . | while read -r source_machine; do
    source_mounted=$(source_mounts "$source_machine") || exit 1
    [ -z "$source_mounted" ] || printf '%s ' "$source_machine"
  done
}
source_unused() {
  source_found=$(source_users "$1")
  [ -z "$source_found" ] || refuse source-used "$1" "$source_found"
}
# Removes a directory that was created, and those above it that were: MARKER PATH EMPTY, which is `empty` if it only goes
# without anything in it, and `full` if everything in it goes too. What stays is answered as `kept`.
source_remove() {
  source_made=$(marker_field "$1" made)
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then return 0; fi
  if [ ! -d "$2" ] || [ "$(realpath -- "$2")" != "$2" ]; then
    answer kept "$2"
    return 0
  fi
  if [ "$3" = full ]; then
    source_found=$(image_mounts "$2")
    [ -z "$source_found" ] || refuse source-mounted "$2" "$source_found"
  elif [ "$source_made" = 0 ] || [ -n "$(ls -A -- "$2")" ]; then
    answer kept "$2"
    return 0
  fi
  source_unused "$2"
  (
    source_above=${2%/*}
    source_enter "${source_above:-/}"
    if [ "$3" = full ]; then image_remove "./${2##*/}"; else rmdir -- "./${2##*/}"; fi
    while [ "$source_made" -gt 1 ]; do
      source_step=$(basename -- "$(pwd -P)")
      cd ..
      rmdir -- "./$source_step" 2>/dev/null || break
      source_made=$((source_made - 1))
    done
  )
}
