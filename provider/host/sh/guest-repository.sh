# Shell functions about a git repository of a user, run as that user; the caller sets `repository`, its directory.
#
# - `repository_leave WHY` ends the script with a warning, without a failure.
# - `repository_git` runs git in it.

repository_leave() {
  printf 'pulumi-nspawn-warning: the repository %s is left as it is: %s\n' "$repository" "$*"
  exit 0
}
# In conditions: each failure is returned.
repository_git() { git -C "$repository" "$@"; }
