# The shell function `package_change` brings the packages of a root to what is wanted, inside it, in one transaction of
# apt. The caller sets lists of names, `package_wanted` and `package_unwanted`; `package_priorities`, whose packages stay;
# `package_options`, lines of apt.conf(5) as base64; `package_retries`, one more line; and `package_patience`, the seconds
# to wait for another apt.

# In conditions: each failure is returned.
package_apt() { apt_patiently "$package_patience" apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; }
package_change() {
  package_changes=
  for package in $package_wanted; do package_installed "$package" || package_changes="$package_changes $package"; done
  package_added=$package_changes
  for package in $package_unwanted; do
    # shellcheck disable=SC2086 # words: a list of priorities
    if package_installed "$package" && package_removable "$package" $package_priorities; then package_changes="$package_changes $package-"; fi
  done
  [ -n "$package_changes" ] || return 0
  APT_CONFIG=/run/pulumi-nspawn-apt.conf
  export APT_CONFIG
  printf %s "$package_options" | base64 -d >"$APT_CONFIG"
  printf '%s\n' "$package_retries" >>"$APT_CONFIG"
  package_status=0
  # shellcheck disable=SC2086 # words: a list of packages
  { [ -z "$package_added" ] || package_apt update; } && package_apt install $package_changes || package_status=$?
  rm -f -- "$APT_CONFIG"
  return "$package_status"
}
