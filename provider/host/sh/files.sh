# Shell functions about files. A text is written to PATH.new, brought to disk, and renamed: whatever breaks, a file has its
# old text or its new one.
#
# - `file_present PATH TEXT MODE` and `file_absent PATH` succeed if they changed something. If they fail, they refuse with
# `not-written`, and PATH is as it was.
# - `file_stage PATH TEXT MODE` succeeds if PATH has to change, and only writes PATH.new. `files_commit FIRST` brings all
# these to disk at once and renames them; FIRST is on disk under its name before the others are renamed.
# - `file_remove PATH` removes a file; `files_synced` brings what was renamed and removed to disk.
# - `file_save PATH TEXT` is for a file that no power cut has to spare, such as one in /run. It only writes it whole.
# - `file_room DIRECTORY` refuses if nothing can be written there.
# - `directory_present PATH` creates a directory with all its parents.
# - `files_answer KEY NAME MANIFEST` answers `KEY NAME PATH SHA256 TEXT` for each listed file that exists, secrets without
# their text.
#
# Directories are shared: `file_remove` may remove an empty one that another script has created but not yet written to.

files_staged='' files_directories=''
# In conditions: it only looks.
file_same() { [ -f "$1" ] && [ ! -L "$1" ] && printf %s "$2" | cmp -s - "$1"; }
# Retries a command that needs a directory which another script may remove. `file_why` is what it last said.
# In conditions: each failure is returned.
file_persist() {
  file_attempts=100
  until file_why=$("$@" 2>&1); do
    file_attempts=$((file_attempts - 1))
    case $file_why in *'No such file or directory'*) [ "$file_attempts" -gt 0 ] || return 1 ;; *) return 1 ;; esac
  done
}
# In conditions: it only looks.
file_directory_of() {
  file_directory=${1%/*}
  file_directory=${file_directory:-/}
}
# The shell does not say why it cannot write; tee does.
# In conditions: each failure is returned.
file_write() {
  file_directory_of "$1"
  [ -d "$file_directory" ] || mkdir -p -- "$file_directory" || return 1
  if [ -e "$1.new" ] || [ -L "$1.new" ]; then rm -f -- "$1.new" || return 1; fi
  (
    umask 077
    printf %s "$2" >"$1.new" || printf %s "$2" | tee -- "$1.new" >/dev/null
  )
}
# PATH WHY: removes all that is not renamed yet.
# In conditions: it ends the script.
file_failed() {
  while IFS= read -r file_staged; do [ -z "$file_staged" ] || rm -f -- "$file_staged.new"; done <<END
$files_staged
$1
END
  files_staged=''
  file_place=$1
  until [ -e "$file_place" ] || [ -z "$file_place" ]; do file_place=${file_place%/*}; done
  refuse not-written "$1" "$(printf '%s\n' "$2" | tail -n 1 | sed 's/.*: //')" \
    "$(findmnt -n -o TARGET -T "${file_place:-/}" | tail -n 1)" "$(df -B1 --output=avail,itotal,iavail -- "${file_place:-/}" | tail -n 1)"
}
# In conditions: each failure ends the script.
file_stage() {
  if file_same "$1" "$2"; then
    if [ "$3" != any ] && [ "$(stat -c %a -- "$1")" != "${3#0}" ]; then
      file_why=$(chmod "$3" -- "$1" 2>&1) || file_failed "$1" "$file_why"
    fi
    [ ! -e "$1.new" ] || rm -f -- "$1.new" || exit 1
    return 1
  fi
  [ ! -d "$1" ] || [ -L "$1" ] || file_failed "$1" "Is a directory"
  file_persist file_write "$1" "$2" || file_failed "$1" "$file_why"
  case $3 in any | 0600) ;; *) file_why=$(chmod "$3" -- "$1.new" 2>&1) || file_failed "$1" "$file_why" ;; esac
  files_staged="$files_staged$1
"
}
# In conditions: each failure ends the script.
files_commit() {
  [ -n "$files_staged" ] || return 0
  file_first=${1-}
  set --
  while IFS= read -r file_staged; do [ -z "$file_staged" ] || set -- "$@" "$file_staged.new"; done <<END
$files_staged
END
  file_why=$(sync -- "$@" 2>&1) || file_failed "${1%.new}" "$file_why"
  for file_staged; do
    file_staged=${file_staged%.new}
    file_why=$(mv -fT -- "$file_staged.new" "$file_staged" 2>&1) || file_failed "$file_staged" "$file_why"
    file_touched "$file_staged"
    [ "$file_staged" != "$file_first" ] || [ "$#" = 1 ] || files_synced
  done
  files_staged=''
  files_synced
}
# In conditions: it only notes.
file_touched() {
  file_directory_of "$1"
  case "
$files_directories" in *"
$file_directory
"*) ;; *) files_directories="$files_directories$file_directory
" ;; esac
}
# One of the directories may be gone meanwhile, and then the one above it counts.
# In conditions: each failure ends the script.
files_synced() {
  file_tries=100
  while [ -n "$files_directories" ]; do
    set --
    while IFS= read -r file_directory; do
      [ -n "$file_directory" ] || continue
      until [ -d "$file_directory" ]; do file_directory_of "$file_directory"; done
      set -- "$@" "$file_directory"
    done <<END
$files_directories
END
    if file_why=$(sync -- "$@" 2>&1); then
      files_directories=''
      return 0
    fi
    file_tries=$((file_tries - 1))
    case $file_why in *'No such file or directory'*) [ "$file_tries" -gt 0 ] || file_failed "$1" "$file_why" ;; *) file_failed "$1" "$file_why" ;; esac
  done
}
# In conditions: each failure ends the script.
file_present() {
  file_stage "$1" "$2" "$3" || return 1
  files_commit
}
# In conditions: each failure ends the script.
file_save() {
  file_persist file_write "$1" "$2" || file_failed "$1" "$file_why"
  file_why=$(mv -fT -- "$1.new" "$1" 2>&1) || file_failed "$1" "$file_why"
}
# Refuses if nothing can be written in a directory.
# In conditions: each failure ends the script.
file_room() {
  file_persist file_write "$1/.pulumi-nspawn" room || file_failed "$1/.pulumi-nspawn" "$file_why"
  rm -f -- "$1/.pulumi-nspawn.new" || exit 1
}
# In conditions: each failure ends the script.
file_remove() {
  [ ! -e "$1.new" ] || rm -f -- "$1.new" || exit 1
  [ -e "$1" ] || [ -L "$1" ] || return 1
  file_why=$(rm -f -- "$1" 2>&1) || file_failed "$1" "$file_why"
  file_touched "$1"
  # Debian packages own these, even when they are empty.
  case $file_directory in /etc/systemd/network | /etc/systemd/system | /etc/sysctl.d) return 0 ;; esac
  rmdir -- "$file_directory" 2>/dev/null || :
}
# In conditions: each failure ends the script.
file_absent() {
  file_remove "$1" || return 1
  files_synced
}
# In conditions: each failure ends the script.
directory_present() { file_persist mkdir -p -- "$1" || file_failed "$1" "$file_why"; }
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
