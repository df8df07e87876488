# The shell function `package_change` brings the packages of a root to what is wanted, inside it. What the program asks
# for is marked manual (apt-mark(8)). What it asks for no longer is marked auto, and goes together with what only it
# needed, unless something else needs it. What somebody else made manual stays.
#
# The caller sets lists of names: `package_wanted`, of which the program itself asks for `package_listed`;
# `package_unwanted`; `package_former`, all that it asked for before, for a root without a record; and `package_needed`,
# which stay, as do packages of `package_priorities`. It also sets `package_pins`, a list of NAME=VERSION;
# `package_options`, lines of apt.conf(5) as base64; `package_retries`, one more line; and `package_patience`, the
# seconds to wait for another apt.
#
# Whatever ends it, the next run finishes: the guest's record says what the program asked for, and what was to go.

# In conditions: each failure is returned.
package_apt() {
  apt_patiently "$package_patience" apt-get -q -y --no-install-recommends --allow-downgrades \
    -o Dpkg::Options::=--force-confold -o APT::Get::AutomaticRemove=false "$@"
}
# If another dpkg is at work, this fails, and apt waits for that one.
package_repair() {
  package_file=$(package_setting Dir::State::status/f)
  if [ -n "$(find "${package_file%/*}/updates" -name '[0-9]*' 2>/dev/null)" ]; then dpkg --force-confold --configure -a || :; fi
}
package_transact() {
  [ ! -s going ] || printf 'pulumi-nspawn: removing %s\n' "$(tr '\n' ' ' <going)"
  package_note asked asking leaving going
  package_mark manual unmarked
  package_mark auto dropped
  package_prefer preferences
  # shellcheck disable=SC2046 # words: a list of names
  [ ! -s arguments ] || package_apt install $(cat -- arguments)
}
# By now each name has its package.
package_conclude() {
  package_table table
  package_manual manual
  package_choose wanted
  comm -23 wanted manual >unmarked
  package_mark manual unmarked
  cp -- asking asked-names
  package_find asked
  comm -23 asked dropped >asking
  cut -f 1 table | sort -u >installed
  comm -23 going installed >gone
  comm -12 dropped installed >kept
  package_note asked asking removed gone kept kept
}
package_change() (
  set -ef
  package_at=$(mktemp -d /run/pulumi-nspawn-packages.XXXXXX)
  trap 'rm -rf -- "$package_at"' EXIT
  cd -- "$package_at"
  APT_CONFIG=$PWD/apt.conf
  export APT_CONFIG
  printf %s "$package_options" | base64 -d >"$APT_CONFIG"
  printf '%s\n' "$package_retries" >>"$APT_CONFIG"
  package_repair
  # Whoever installs something now is waited for, before apt is asked what this change means.
  package_apt check
  package_survey
  if package_settled; then
    package_note asked asking
    exit 0
  fi
  [ ! -s targets ] || package_apt update
  package_plan
  package_transact
  package_conclude
)
