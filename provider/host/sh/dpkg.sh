# Shell functions about packages, on a host or in a guest. A name can belong to several architectures.

# In conditions: it only looks.
package_installed() { dpkg-query -W -f '${db:Status-Status}\n' -- "$1" 2>/dev/null | grep -qx installed; }
# NAME PRIORITY…: fails for a package that a system needs, and for those of these priorities.
# In conditions: it only looks.
package_removable() {
  package_name=$1
  shift
  package_facts=$(dpkg-query -W -f 'essential ${Essential}\npriority ${Priority}\n' -- "$package_name") || return 1
  ! printf '%s\n' "$package_facts" | grep -qxF 'essential yes' || return 1
  for package_priority; do ! printf '%s\n' "$package_facts" | grep -qxF "priority $package_priority" || return 1; done
}
