# The shell function `root_look TREE` prints what a root is, from outside, so that it needs no process in the tree: its
# os-release, and what dpkg has installed there, as lines `NAME VERSION`, and `NAME -` for a name that an installed package
# provides. After each of the two comes the line of `tree_read`. The list of a desktop with thousands of packages is a
# tenth of what is read and printed at most.

root_look() {
  tree_read "$1" usr/lib/os-release 16384 var/lib/dpkg/status 33554432 | LC_ALL=C awk '
    BEGIN { room = 2097152; longest = 65536 }
    /^\f/ {
      if (++part == 2) { print_package(); if (room < 0) $0 = "\flarge" }
      print
      next
    }
    !part { print; next }
    length($0) > longest { next }
    /^Package: / { name = $2 }
    /^Status: / { installed = ($4 == "installed") }
    /^Version: / { version = $2 }
    /^Provides: / { provided = substr($0, 11) }
    /^$/ { print_package() }
    function print_package(  count, i, names) {
      if (installed) {
        say(name " " version)
        count = split(provided, names, /,/)
        for (i = 1; i <= count; i++) { sub(/^ */, "", names[i]); sub(/[ :(].*/, "", names[i]); say(names[i] " -") }
      }
      name = version = provided = ""; installed = 0
    }
    function say(line) { room -= length(line) + 1; if (room >= 0) print line }
  '
}
