# Shell functions that find out inside a guest what a change of packages means, and change nothing. The caller sets
# what `package_change` is called with, and is in an empty directory, where the sets of packages are files.
#
# - `package_survey` looks what is there, and what differs from what is wanted.
# - `package_settled` succeeds if nothing does.
# - `package_plan` has apt simulate the change, with copies of its marks, and refuses one that would remove anything else
# than what became unneeded by it.

package_survey() {
  package_table table
  package_manual manual
  # shellcheck disable=SC2086 # words: lists of names
  {
    package_words $package_wanted >wanted-names
    package_words $package_listed >listed-names
    package_words $package_unwanted >unwanted-names
    package_words $package_needed >needed-names
  }
  package_choose wanted
  package_choose listed
  package_find unwanted
  package_find needed
  # shellcheck disable=SC2086 # words: a list of priorities
  package_protected table $package_priorities | sort -u - needed wanted >staying
  package_remember
  package_missing | sort -u >missing
  package_targets >targets
  package_preferences >preferences
  comm -23 wanted manual >unmarked
  comm -12 unwanted asked | comm -23 - staying >dropped
  cut -f 1 table | sort -u | comm -12 - leaving-names | comm -23 - staying >left
  # What somebody made manual before stays theirs.
  comm -23 listed manual >asking
  comm -12 listed-names missing | sort -u - asked asking -o asking
}
package_find() { package_lookup table "$1-names" | cut -d ' ' -f 2 | sort -u >"$1"; }
package_choose() { package_lookup table "$1-names" | package_chosen manual >"$1"; }
# What the program made manual before. In a root of an earlier version, without a record, that is all it asked for.
package_remember() {
  if [ -e "$package_record" ]; then
    package_recorded asked >asked-names
  else
    # shellcheck disable=SC2086 # words: a list of names
    package_words $package_former >asked-names
  fi
  package_find asked
  package_recorded leaving >leaving-names
}
# Names that nothing has, and those of which another version is there.
package_missing() {
  package_lookup table wanted-names | cut -d ' ' -f 1 | sort -u | comm -23 wanted-names -
  for package_pin in $package_pins; do
    package_version=$(awk -F '\t' -v name="${package_pin%%=*}" '$1 == name { print $5 }' table)
    # shellcheck disable=SC2254 # a pattern
    case $package_version in '' | ${package_pin#*=}) ;; *) printf '%s\n' "${package_pin%%=*}" ;; esac
  done
}
# The missing names as apt takes them, with the version that is asked for.
package_targets() {
  # shellcheck disable=SC2086 # words: a list of names with versions
  package_words $package_pins | awk -F = '
    FILENAME == ARGV[1] { missing[$1] = $1; next }
    $1 in missing { missing[$1] = $0 }
    END { for (name in missing) print missing[name] }
  ' missing - | sort -u
}
# In conditions: it only looks.
package_settled() {
  for package_set in missing unmarked dropped left; do [ ! -s "$package_set" ] || return 1; done
  [ -e "$package_record" ] || return 1
  package_preferred preferences
}

# COPY MARK: makes a copy of apt's marks, in which what is no longer asked for has this mark.
package_marks_copy() {
  package_file=$(package_setting Dir::State::extended_states/f)
  if [ -e "$package_file" ]; then cp -- "$package_file" "$1"; else : >"$1"; fi
  package_mark manual staying -o "Dir::State::extended_states=$PWD/$1"
  package_mark "$2" dropped -o "Dir::State::extended_states=$PWD/$1"
}
# MARK NAMES OPTION…: marks the packages in a file.
package_mark() {
  package_marked=$1 package_marking=$2
  shift 2
  [ -s "$package_marking" ] || return 0
  # shellcheck disable=SC2046 # words: a list of names
  apt-mark "$@" "$package_marked" $(cat -- "$package_marking") >/dev/null
}
# REMOVED MARKS ARGUMENT…: writes what apt would remove to a file.
package_rehearse() {
  package_rehearsed=$1 package_marks=$2
  shift 2
  package_status=0
  apt-get -s -q -y --no-install-recommends --allow-downgrades -o "Dir::State::extended_states=$PWD/$package_marks" "$@" \
    >"$package_rehearsed.log" || package_status=$?
  [ "$package_status" = 0 ] || cat -- "$package_rehearsed.log"
  sed -n 's/^\(Remv\|Purg\) \([^ ]*\) .*/\2/p' "$package_rehearsed.log" | sort -u >"$package_rehearsed"
  return "$package_status"
}
# What goes is what this change makes unneeded, not what was unneeded before.
package_leave() {
  package_marks_copy marks-before manual
  package_rehearse before marks-before autoremove
  package_rehearse unneeded marks autoremove
  package_rehearse removed marks --auto-remove install "$@"
  comm -12 removed unneeded >may-go
  comm -12 may-go left >going
  comm -23 may-go before | sort -u - going -o going
}
package_plan() {
  : >going
  : >unneeded
  package_marks_copy marks auto
  # shellcheck disable=SC2046 # words: lists of names
  {
    if [ -s dropped ] || [ -s left ]; then package_leave $(cat -- targets); fi
    sed 's/$/-/' going | cat -- targets - >arguments
    package_rehearse removed marks -o APT::Get::AutomaticRemove=false install $(cat -- arguments)
  }
  comm -23 removed unneeded | comm -23 - going >others
  if [ -s others ]; then
    printf 'E: pulumi-nspawn: this would also remove %s\n' "$(tr '\n' ' ' <others)"
    exit 100
  fi
}
