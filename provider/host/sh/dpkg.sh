# The shell function `package_installed NAME` succeeds if a package is installed. A name can belong to several
# architectures.

# In conditions: it only looks.
package_installed() { dpkg-query -W -f '${db:Status-Status}\n' -- "$1" 2>/dev/null | grep -qx installed; }
