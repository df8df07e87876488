# Shell functions: `file_present PATH TEXT MODE` and `file_absent PATH` succeed if they changed something, and end the
# script if they fail; `directory_present PATH` creates a directory with all its parents.
# `files_answer KEY NAME MANIFEST` answers `KEY NAME PATH SHA256 TEXT` for each listed file that exists, secrets without
# their text.
#
# Directories are shared: `file_absent` may remove an empty one that another script has created but not yet written to.

# In conditions: it only looks.
file_same() { [ -f "$1" ] && [ ! -L "$1" ] && printf %s "$2" | cmp -s - "$1"; }
# Retries a command that needs a directory which another script may remove; the last try shows its error.
file_persist() {
  file_attempts=100
  until "$@" 2>/dev/null; do
    file_attempts=$((file_attempts - 1))
    [ "$file_attempts" -gt 0 ] || {
      "$@" || exit 1
      break
    }
  done
}
file_write() { mkdir -p -- "$(dirname -- "$1")" && rm -f -- "$1.new" && (
  umask 077
  printf %s "$2" >"$1.new"
); }
# In conditions: each failure ends the script.
file_present() {
  if file_same "$1" "$2"; then
    [ "$3" = any ] || chmod "$3" -- "$1" || exit 1
    return 1
  fi
  file_persist file_write "$1" "$2"
  [ "$3" = any ] || chmod "$3" -- "$1.new" || exit 1
  mv -fT -- "$1.new" "$1" || exit 1
}
# In conditions: each failure ends the script.
file_absent() {
  [ -e "$1" ] || [ -L "$1" ] || return 1
  rm -f -- "$1" || exit 1
  file_directory=$(dirname -- "$1")
  # Debian packages own these, even when they are empty.
  case $file_directory in /etc/systemd/network | /etc/systemd/system | /etc/sysctl.d) return 0 ;; esac
  rmdir -- "$file_directory" 2>/dev/null || :
}
directory_present() { file_persist mkdir -p -- "$1"; }
files_answer() {
  [ -f "$3" ] || return 0
  while read -r file_effect file_kind file_path; do
    [ -f "$file_path" ] || continue
    file_text=
    [ "$file_kind" = secret ] || file_text=$(
      cat -- "$file_path"
      printf .
    )
    answer "$1" "$2" "$file_path" "$(sha256sum <"$file_path" | cut -c 1-64)" "${file_text%.}"
  done <"$3"
}
