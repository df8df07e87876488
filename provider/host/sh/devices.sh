# The shell function `device_present PATH ACCESS` refuses what is no device node, and one that a user of no rights on the host cannot
# `ACCESS`: to a machine with user IDs of its own the node belongs to nobody, and its root is such a user.

device_present() {
  [ -e "$1" ] || refuse device-missing "$1"
  [ ! -d "$1" ] || refuse device-directory "$1" "$(find "$1" -maxdepth 1 \( -type b -o -type c \) | sort)"
  [ -b "$1" ] || [ -c "$1" ] || refuse device-other "$1"
  device_mode=$(stat -L -c %a -- "$1")
  case $2 in *r*) [ $((0$device_mode & 4)) != 0 ] || device_closed "$1" ;; esac
  case $2 in *w*) [ $((0$device_mode & 2)) != 0 ] || device_closed "$1" ;; esac
}
device_closed() { refuse device-closed "$1" "$device_mode $(stat -L -c %U:%G -- "$1")" "$(basename -- "$(realpath -- "$1")")"; }
