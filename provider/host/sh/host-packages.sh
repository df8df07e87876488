# The shell function `host_install PACKAGE…` installs packages on the host itself, with new lists if apt does not know
# them. Refuses with `apt-locked`, if somebody else's apt does not end, or with `apt`. The script sets `host_patience`,
# the seconds to wait, and `host_apt_option`, one of apt's.

# In conditions: each failure is returned.
host_apt() { apt_patiently "$host_patience" apt-get -q -y "$host_apt_option" --no-install-recommends --no-remove "$@"; }
host_install() {
  apt_held='' apt_answers=yes
  host_apt install "$@" || { [ -z "$apt_held" ] && host_apt update && host_apt install "$@"; } || {
    [ -z "$apt_held" ] || refuse apt-locked "$apt_held"
    refuse apt "$*"
  }
}
