# Shell functions about the versions that packages stay at, whoever installs or upgrades something later
# (apt_preferences(5)). The caller sets `package_pins`, a list of NAME=VERSION.
#
# - `package_preferences` prints them for apt.
# - `package_preferred FILE` succeeds if the guest has what is in a file, and `package_prefer FILE` brings it there; if
# the file is empty, the guest has none.

package_preferences_name=90pulumi-nspawn

package_preferences() {
  for package_pin in $package_pins; do
    printf 'Package: %s\nPin: version %s\nPin-Priority: 1001\n\n' "${package_pin%%=*}" "${package_pin#*=}"
  done
}
# In conditions: it only looks.
package_preferred() {
  package_file=$(package_setting Dir::Etc::preferencesparts/d)/$package_preferences_name
  if [ -s "$1" ]; then cmp -s "$1" "$package_file"; else [ ! -e "$package_file" ]; fi
}
package_prefer() {
  package_file=$(package_setting Dir::Etc::preferencesparts/d)/$package_preferences_name
  if [ -s "$1" ]; then
    mkdir -p -- "${package_file%/*}"
    cp -- "$1" "$package_file.new"
    mv -fT -- "$package_file.new" "$package_file"
  else rm -f -- "$package_file"; fi
}
