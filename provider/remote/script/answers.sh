# Shell functions that every script can call.
#
# `answer KEY VALUE…` and `answer_file KEY NAME PATH` print one line of JSON on stdout; values travel as base64, so that
# nothing on a host can break the line. Before it is `answer_mark`, the mark of the run, by which it is known from what
# other programs print. `refuse CODE DETAIL…` says why the script will not continue, and ends it.
# A file that is gone meanwhile is not answered. `answer_disks` answers which file systems there are and what is free in
# them: for a script that failed, before it removes what is unfinished.

# In conditions: each failure is returned.
answer() {
  answer_line="[\"$1\""
  shift
  for answer_value; do answer_line="$answer_line,\"$(printf %s "$answer_value" | base64 -w 0)\"" || return 1; done
  printf '%s%s]\n' "${answer_mark-}" "$answer_line"
}
answer_file() {
  answer_content=$(base64 -w 0 <"$3") || {
    [ ! -e "$3" ] || return 1
    return 0
  }
  printf '%s["%s","%s","%s"]\n' "${answer_mark-}" "$1" "$(printf %s "$2" | base64 -w 0)" "$answer_content"
}
# A subshell, because writing to a client that is gone kills it.
answer_disks() { (answer disks "$(disks_list)") || :; }
# In conditions: it ends the script.
refuse() {
  answer refused "$@"
  exit 65
}
