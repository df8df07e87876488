# The shell function `device_present PATH ACCESS` refuses anything that is not a device node, and a node that an
# unprivileged user on the host cannot `ACCESS`: in a machine with its own user IDs the node belongs to nobody, and the
# machine's root is such a user.

device_present() {
  [ -e "$1" ] || refuse device-missing "$1"
  [ ! -d "$1" ] || refuse device-directory "$1" "$(find "$1" -maxdepth 1 \( -type b -o -type c \) | sort)"
  [ -b "$1" ] || [ -c "$1" ] || refuse device-other "$1"
  device_mode=$(stat -L -c %a -- "$1")
  case $2 in *r*) [ $((0$device_mode & 4)) != 0 ] || device_closed "$1" ;; esac
  case $2 in *w*) [ $((0$device_mode & 2)) != 0 ] || device_closed "$1" ;; esac
}
device_closed() { refuse device-closed "$1" "$device_mode $(stat -L -c %U:%G -- "$1")" "$(basename -- "$(realpath -- "$1")")"; }
