# Shell functions about sets of packages in a guest, a name a line, sorted. Names are those that apt prints: with an
# architecture only if it is not the guest's own.
#
# - `package_words WORD…` prints words as a set, and `package_setting KEY` a path that apt is configured with.
# - `package_table FILE` writes what dpkg has installed, a line a package, its fields separated by tabs: its name as apt
# prints it, the name alone, `yes` if it is essential, its priority, its version, and the names that it provides.
# `package_manual FILE` writes what is not there only because something else needs it (apt-mark(8)).
# - `package_lookup TABLE NAMES` prints what is installed of the names in a file, as lines `NAME PACKAGE`: the package
# of that name, that of the guest's own architecture if there are several, or else all packages that provide the name.
# - `package_chosen MANUAL` reads such lines, and prints those packages, but of several that provide a name only those
# that are manual, or the first one.
# - `package_protected TABLE PRIORITY…` prints what is essential, and what has one of these priorities.
# - `package_recorded WORD` prints what the guest's record has after a word: `asked`, packages that the program made
# manual, and names that no package had yet; `leaving`, packages that are to go; `removed` and `kept`, what became of them
# in the last change. `package_note WORD FILE…` records the names in files. The record is next to apt's own marks: both go
# where the tree goes.

package_record=/var/lib/apt/pulumi-nspawn

# In conditions: it only prints.
package_words() { for package_word; do printf '%s\n' "$package_word"; done | sort -u; }
package_setting() { apt-config shell package_path "$1" | sed -n "s/^package_path='\(.*[^/]\)\/*'$/\1/p"; }
package_table() {
  # shellcheck disable=SC2016 # fields of dpkg-query
  dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Architecture}\t${Essential}\t${Priority}\t${Version}\t${Provides}\n' >"$1.all"
  package_native=$(dpkg --print-architecture)
  awk -F '\t' -v native="$package_native" '
    $1 == "installed" {
      gsub(/\([^)]*\)|\[[^]]*\]|:[a-z0-9]+/, "", $7)
      gsub(/[, ]+/, " ", $7)
      print ($3 == native || $3 == "all" ? $2 : $2 ":" $3) "\t" $2 "\t" $4 "\t" $5 "\t" $6 "\t" $7
    }
  ' "$1.all" >"$1"
}
package_manual() {
  apt-mark showmanual >"$1.all"
  sort -u -- "$1.all" >"$1"
}
package_lookup() {
  awk -F '\t' '
    FILENAME == ARGV[1] {
      if (!($2 in real) || $1 == $2) real[$2] = $1
      real[$1] = $1
      count = split($6, names, " ")
      for (i = 1; i <= count; i++) provided[names[i]] = provided[names[i]] " " $1
      next
    }
    $1 in real { print $1 " " real[$1]; next }
    { count = split(provided[$1], names, " "); for (i = 1; i <= count; i++) print $1 " " names[i] }
  ' "$1" "$2" | sort -u
}
package_chosen() {
  awk '
    FILENAME == ARGV[1] { manual[$1]; next }
    !($1 in first) { first[$1] = $2 }
    $2 in manual { print $2; found[$1] }
    END { for (name in first) if (!(name in found)) print first[name] }
  ' "$1" - | sort -u
}
package_protected() {
  package_of=$1
  shift
  awk -F '\t' -v priorities=" $* " '$3 == "yes" || index(priorities, " " $4 " ") { print $1 }' "$package_of" | sort -u
}
# In conditions: it only looks.
package_recorded() { [ ! -e "$package_record" ] || sed -n "s/^$1 //p" "$package_record" | sort -u; }
package_note() {
  {
    echo '# What the Pulumi program asked for.'
    while [ "$#" -gt 1 ]; do
      sed "s/^/$1 /" "$2"
      shift 2
    done
  } >"$package_record.new"
  if cmp -s "$package_record.new" "$package_record"; then
    rm -f -- "$package_record.new"
  else
    sync -- "$package_record.new"
    mv -fT -- "$package_record.new" "$package_record"
  fi
}
