# The shell function `root_packages TREE` prints what dpkg has installed there, as lines `NAME VERSION`, and `NAME -`
# for a name that an installed package provides. It reads from outside, so that it needs no process in the tree.

root_packages() {
  # A guest may have put anything in this place, so only a regular file is opened.
  [ -f "$1/var/lib/dpkg/status" ] || return 0
  awk '
    /^Package: / { name = $2 }
    /^Status: / { installed = ($4 == "installed") }
    /^Version: / { version = $2 }
    /^Provides: / { provided = substr($0, 11) }
    /^$/ { print_package() }
    END { print_package() }
    function print_package(  count, i, names) {
      if (installed) {
        print name, version
        count = split(provided, names, /,/)
        for (i = 1; i <= count; i++) { sub(/^ */, "", names[i]); sub(/[ :(].*/, "", names[i]); print names[i], "-" }
      }
      name = version = provided = ""; installed = 0
    }
  ' "$1/var/lib/dpkg/status"
}
