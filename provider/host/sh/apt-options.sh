# Shell functions about how the host's own apt reaches its mirrors, as lines of apt.conf(5). A proxy may have a password in
# them: they never leave the host, and are in no argument, no unit and no environment, which others could read.
#
# - `apt_options` prints all of them, for what the host's root does itself.
# - `apt_guest_options` prints those that a guest may know, and says so if it leaves out a proxy.
# - `apt_wgetrc FILE` prints the proxy for wget, as wgetrc; FILE has the lines.

# In conditions: it only looks.
apt_options() {
  apt-config dump 2>/dev/null | grep -E '^Acquire::((http|https|ftp)::(Proxy|Timeout)|Check-Valid-Until|Check-Date|ForceIPv[46]|Retries)' || :
}
# In conditions: it only looks.
apt_guest_options() {
  apt_known=$(apt_options | grep -v '^Acquire::ForceIPv' || :)
  case $apt_known in *'://'*@*)
    printf '%s\n' "pulumi-nspawn: the host's apt has a proxy with a password, which no machine gets. If the machine needs it, configure apt inside." >&2
    ;;
  esac
  printf '%s\n' "$apt_known" | grep -v '://.*@' || :
}
apt_wgetrc() { sed -n 's/^Acquire::\(http\|https\)::Proxy "\(.*\)";$/\1_proxy = \2/p' "$1"; }
