# Shell functions: `provision_file PATH SHA256 OWNER GROUP MODE CONTENT` makes a file as it shall be, and `provision_file_problem` with the
# same but the content tells what is not. In a directory of somebody else's it is made within one that only root can enter, and then moved:
# whoever owns the directory cannot have root write to another place.

# In conditions: it only looks.
provision_file_problem() {
  if [ -L "$1" ]; then
    echo "it is a symbolic link"
  elif [ ! -e "$1" ]; then
    echo missing
  elif [ ! -f "$1" ]; then
    echo "it is no file"
  elif [ "$(sha256sum <"$1" | cut -c 1-64)" != "$2" ]; then
    echo "its content is another"
  else
    case " $(stat -c '%U %u' -- "$1") " in *" $3 "*) ;; *)
      echo "it belongs to $(stat -c %U -- "$1")"
      return
      ;;
    esac
    case " $(stat -c '%G %g' -- "$1") " in *" $4 "*) ;; *)
      echo "it is of the group $(stat -c %G -- "$1")"
      return
      ;;
    esac
    [ "$(stat -c %a -- "$1")" = "$5" ] || echo "it is $(stat -c %a -- "$1")"
  fi
}
provision_file() {
  [ -n "$(provision_file_problem "$1" "$2" "$3" "$4" "$5")" ] || return 0
  provision_say "file $1"
  [ ! -d "$1" ] || refuse directory "$1"
  provision_uid=$(provision_id passwd "$3")
  [ -n "$provision_uid" ] || refuse no-user "$3" "$1"
  provision_gid=$(provision_id group "$4")
  [ -n "$provision_gid" ] || refuse no-group "$4" "$1"
  [ -e "$1" ] || [ -L "$1" ] || provision_made file "$1"
  (
    provision_enter "${1%/*}" "$provision_uid" "$provision_gid" \
      && provision_beside=$(mktemp -d ./.pulumi-nspawn.XXXXXX) \
      && cd -P -- "$provision_beside" \
      && printf %s "$6" >content \
      && chown -- "$provision_uid:$provision_gid" content \
      && chmod -- "$5" content \
      && mv -fT -- content "../${1##*/}" \
      && cd .. \
      && rmdir -- "$provision_beside"
  )
}
# What was there before stays: only what this resource made is removed.
provision_file_remove() {
  if provision_is_made file "$1" && [ -d "${1%/*}/" ]; then (provision_enter "${1%/*}" 0 0 && rm -f -- "./${1##*/}"); fi
}
