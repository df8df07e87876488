# Shell functions about users; {@link ensureUser} and {@link inspectUser} use them.

# Runs a command that changes accounts, and retries if their files are locked: the command itself waits 15 s for one of
# the locks, and not at all for the others.
# In conditions: each failure is returned.
provision_accounts() {
  clock_read
  provision_until=$((clock_seconds + 60))
  while :; do
    provision_status=0
    "$@" || provision_status=$?
    case $provision_status in 1 | 10) ;; *) return "$provision_status" ;; esac
    clock_read
    [ "$clock_seconds" -lt "$provision_until" ] || return "$provision_status"
    provision_say "waiting for another change to the accounts: $1"
    sleep 1
  done
}
# NAME GROUP GID: the group, created if it is missing, with the given number if there is one.
provision_group() {
  if ! getent group "$1" >/dev/null; then
    provision_accounts groupadd ${2:+-g "$2"} -- "$1" || refuse group-failed "$1"
    provision_made group "$1"
  fi
}
# NAME: its entry in passwd(5), as "UID:GROUP:HOME:SHELL".
# In conditions: it only looks.
provision_account() { printf %s "$(provision_field "$1" 3):$(id -gn -- "$1"):$(provision_field "$1" 6):$(provision_field "$1" 7)"; }
# NAME UID GROUP HOME SHELL COMMENT
provision_user() {
  [ -x "$5" ] || refuse no-shell "$1" "$5"
  if getent passwd "$1" >/dev/null; then
    [ "$(provision_account "$1")" != "${2:-$(provision_field "$1" 3)}:$3:$4:$5" ] || return 0
    provision_say "user $1"
    provision_accounts usermod ${2:+-u "$2"} -g "$3" -d "$4" -s "$5" -- "$1" || refuse user-failed "$1"
  else
    provision_say "user $1"
    provision_accounts useradd ${2:+-u "$2"} -g "$3" -M -d "$4" -s "$5" -c "$6" -- "$1" || refuse user-failed "$1"
    provision_made user "$1"
  fi
}
# Creates a missing home; an empty one, such as a new mount, gets the usual files.
provision_home() {
  provision_uid=$(id -u -- "$1")
  provision_gid=$(id -g -- "$1")
  if [ ! -d "$2" ]; then
    (provision_enter "${2%/*}" 0 0 && mkdir -m 0755 -- "./${2##*/}" && chown -- "$provision_uid:$provision_gid" "./${2##*/}")
  fi
  [ -z "$(ls -A -- "$2")" ] && [ "$(stat -c %u -- "$2")" = "$provision_uid" ] && [ -d /etc/skel ] || return 0
  (cd /etc/skel && tar -c .) | (cd -- "$2" && tar -x --no-same-owner --no-overwrite-dir && chown -hR -- "$provision_uid:$provision_gid" .)
}
# In conditions: it only looks.
provision_groups_of() { id -Gn -- "$1" | tr ' ' '\n' | grep -vxF -- "$(id -gn -- "$1")" | sort -u | tr '\n' ' '; }
# NAME GROUPS, sorted, each followed by a blank
provision_groups() {
  [ "$(provision_groups_of "$1")" != "$2" ] || return 0
  for provision_each in $2; do getent group "$provision_each" >/dev/null || provision_accounts groupadd -r -- "$provision_each" || refuse group-failed "$provision_each"; done
  provision_accounts usermod -G "$(printf %s "${2% }" | tr ' ' ,)" -- "$1" || refuse user-failed "$1"
}
# URL SHA256: fetched once, with apt's own helper, which every root has.
provision_fetch() {
  [ ! -e "$provision_dir/keys/$2" ] || return 0
  provision_say "fetching $1"
  mkdir -p -- "$provision_dir/keys"
  /usr/lib/apt/apt-helper -q -o APT::Sandbox::User=root download-file "$1" "$provision_dir/keys/$2.new" "SHA256:$2" >"$provision_dir/keys/log" 2>&1 \
    || refuse fetch-failed "$1" "$(cat "$provision_dir/keys/log")"
  mv -f -- "$provision_dir/keys/$2.new" "$provision_dir/keys/$2"
}
# In conditions: it only looks.
provision_keys_hash() { provision_as "$1" 'cd; timeout 10 head -c 1000000 .ssh/authorized_keys 2>/dev/null || :' | sha256sum | cut -c 1-64; }
# Every line ends with a newline, so the end marker is on its own line.
# NAME TEXT: written as the user, because the user controls the home.
provision_keys() {
  [ "$(provision_keys_hash "$1")" != "$(printf %s "$2" | sha256sum | cut -c 1-64)" ] || return 0
  provision_say "authorized keys of $1"
  # The end of the text is one that the text cannot hold: its own hash.
  provision_end=$(printf %s "$2" | sha256sum | cut -c 1-64)
  provision_as "$1" "cd; umask 077; mkdir -p .ssh && { cat >.ssh/authorized_keys.new && sync .ssh/authorized_keys.new && mv -f .ssh/authorized_keys.new .ssh/authorized_keys || { rm -f .ssh/authorized_keys.new; exit 1; }; } <<'$provision_end'
$2$provision_end" || refuse keys-failed "$1"
}

# Removes users and groups that are no longer wanted.

provision_user_remove() {
  provision_is_made user "$1" && getent passwd "$1" >/dev/null || return 0
  provision_say "removing user $1"
  loginctl terminate-user "$1" 2>/dev/null || :
  for provision_try in 1 2 3 4 5; do
    if userdel -- "$1" >"$provision_dir/userdel" 2>&1; then return 0; fi
    sleep 0.5
  done
  provision_warn "the user $1 could not be removed: $(cat "$provision_dir/userdel")"
}
provision_group_remove() {
  ! provision_is_made group "$1" || groupdel -- "$1" 2>/dev/null || :
}
