# Shell functions inside a guest, in addition to those of every script; the caller sets `provision_dir`.
#
# - `provision_say TEXT` shows a text in the resource's row.
# - `provision_warn TEXT` records a warning, which is shown at the end.
# - `provision_made KIND NAME` and `provision_is_made KIND NAME`: what this resource created, and may remove.
# - `provision_as USER SCRIPT` runs a script as a user, for at most `provision_limit` seconds, in the environment of a
# login; the text goes through stdin, so that no part of it appears in the arguments of a process.
# - `provision_enter DIRECTORY UID GID` goes there step by step, follows no link, and creates what is missing: owned by
# that user inside what belongs to the user, otherwise by root.
# - `provision_differs KEY TEXT` reports what is not as it should be.

provision_credentials='' provision_limit=''
provision_say() { printf 'pulumi-nspawn: %s\n' "$*"; }
# In conditions: it only looks.
provision_is_made() { grep -qxF -- "$1 $2" "$provision_dir/made" 2>/dev/null; }
provision_made() { provision_is_made "$1" "$2" || printf '%s %s\n' "$1" "$2" >>"$provision_dir/made"; }
provision_differs() { answer drift "$1" "$2"; }
provision_warn() { printf '%s\n' "$*" >>"$provision_dir/warnings"; }
# DATABASE NAME: the number of a user or group; a number is printed as it is.
provision_id() { case $2 in *[!0-9]*) getent "$1" "$2" | cut -d : -f 3 ;; *) printf %s "$2" ;; esac }
# In conditions: it only looks.
provision_field() { getent passwd "$1" | cut -d : -f "$2"; }
# In conditions: each failure is returned.
provision_as() {
  getent passwd "$1" >/dev/null || {
    echo "there is no user $1"
    return 1
  }
  provision_path=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games
  [ "$(id -u "$1")" != 0 ] || provision_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  provision_lang=$(sed -n 's/^LANG="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/locale.conf /etc/default/locale 2>/dev/null | head -n 1)
  printf %s "$2" | runuser -u "$1" -- ${provision_limit:+timeout "$provision_limit"} env -i HOME="$(provision_field "$1" 6)" USER="$1" LOGNAME="$1" SHELL="$(provision_field "$1" 7)" \
    PATH="$provision_path" LANG="${provision_lang:-C.UTF-8}" CREDENTIALS_DIRECTORY="$provision_credentials" /bin/sh 9>&-
}
# In conditions: each failure is returned.
provision_enter() {
  cd /
  provision_rest=${1#/} provision_at=
  while [ -n "$provision_rest" ]; do
    provision_part=./${provision_rest%%/*}
    [ ! -L "$provision_part" ] || refuse symlink "$1" "$(realpath -m -- "$1")"
    if [ ! -d "$provision_part" ]; then
      mkdir -m 0755 -- "$provision_part" || return 1
      [ "$(stat -c %u .)" != "$2" ] || chown -h -- "$2:$3" "$provision_part" || return 1
    fi
    provision_at=$provision_at/${provision_part#./}
    cd -P -- "$provision_part" || return 1
    # Whoever owns the directory above may have put a link there in this moment.
    [ "$(pwd -P)" = "$provision_at" ] || refuse symlink "$1" "$(pwd -P)"
    case $provision_rest in */*) provision_rest=${provision_rest#*/} ;; *) provision_rest= ;; esac
  done
}
