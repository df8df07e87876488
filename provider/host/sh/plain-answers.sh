# For scripts whose output people read, in a journal or a log: there answers are text.
#
# - `plain_refusals` makes `refuse` print its values, and end the script as always.
# - `plain_answers` makes `answer` print its values without the key.

plain_refusals() {
  # shellcheck disable=SC2317 # the script calls it
  refuse() {
    printf 'E: %s\n' "$*"
    exit 65
  }
}
plain_answers() {
  # shellcheck disable=SC2317 # the script calls it
  answer() {
    shift
    printf '%s\n' "$*"
  }
}
