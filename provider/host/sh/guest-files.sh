# Shell functions: `provision_file PATH SIZE SHA256 OWNER GROUP MODE CONTENT` brings a file to its desired state, and
# `provision_file_problem`, with the same arguments except the content, says what differs. In a directory of another
# user, the file is created inside a directory that only root can enter, and then moved: the owner of the directory
# cannot make root write elsewhere. Of a file no more is read than its content is long, for a limited time: its owner may
# make anything of it at any moment.

# In conditions: it only looks.
provision_file_problem() {
  if [ -L "$1" ]; then
    echo "it is a symbolic link"
  elif [ ! -e "$1" ]; then
    echo missing
  elif [ ! -f "$1" ]; then
    echo "it is not a regular file"
  elif [ "$(stat -c %s -- "$1")" != "$2" ] || [ "$(timeout -k 1 20 head -c "$2" -- "$1" | sha256sum | cut -c 1-64)" != "$3" ]; then
    echo "its content differs"
  else
    case " $(stat -c '%U %u' -- "$1") " in *" $4 "*) ;; *)
      echo "it belongs to $(stat -c %U -- "$1")"
      return
      ;;
    esac
    case " $(stat -c '%G %g' -- "$1") " in *" $5 "*) ;; *)
      echo "its group is $(stat -c %G -- "$1")"
      return
      ;;
    esac
    [ "$(stat -c %a -- "$1")" = "$6" ] || echo "it is $(stat -c %a -- "$1")"
  fi
}
provision_file() {
  [ -n "$(provision_file_problem "$1" "$2" "$3" "$4" "$5" "$6")" ] || return 0
  provision_say "file $1"
  [ ! -d "$1" ] || refuse directory "$1"
  provision_uid=$(provision_id passwd "$4")
  [ -n "$provision_uid" ] || refuse no-user "$4" "$1"
  provision_gid=$(provision_id group "$5")
  [ -n "$provision_gid" ] || refuse no-group "$5" "$1"
  [ -e "$1" ] || [ -L "$1" ] || provision_made file "$1"
  (
    provision_enter "${1%/*}" "$provision_uid" "$provision_gid"
    file_why=$(mktemp -d ./.pulumi-nspawn.XXXXXX 2>&1) || file_failed "$1" "$file_why"
    provision_beside=$file_why
    place_take "$provision_beside"
    file_why=$(provision_file_write "${1##*/}" "$7" "$6" 2>&1) || {
      cd ..
      rm -rf -- "$provision_beside"
      file_failed "$1" "$file_why"
    }
    cd ..
    rmdir -- "$provision_beside"
  )
}
# NAME CONTENT MODE
# In conditions: each failure is returned.
provision_file_write() {
  printf %s "$2" | tee content >/dev/null \
    && chown -- "$provision_uid:$provision_gid" content \
    && chmod -- "$3" content \
    && sync -- content \
    && mv -fT -- content "../$1"
}
# Existing files stay: only what this resource created is removed.
provision_file_remove() {
  if provision_is_made file "$1" && [ -d "${1%/*}/" ]; then (provision_enter "${1%/*}" 0 0 && rm -f -- "./${1##*/}"); fi
}
