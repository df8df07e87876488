# The shell function `mountinfo_path PATH`: the path as the kernel lists it, with blanks, tabs and backslashes in octal
# (proc(5), mountinfo).
mountinfo_path() { printf '%s\n' "$1" | sed 's/\\/\\134/g; s/ /\\040/g; s/\t/\\011/g'; }
