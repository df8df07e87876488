# What a host has, one line each; runs on the host. Leaves out what changes by itself, and on a server in use (LIVE)
# also the data of its users and programs, which is large and changes too.
LC_ALL=C
export LC_ALL

describe() {
  find "$@" -xdev -type l -printf 'file %p -> %l\n' -o -printf 'file %p %m %u:%g %y\n' 2>/dev/null
  find "$@" -xdev -type f -print0 2>/dev/null | xargs -0 --no-run-if-empty sha256sum | awk '{print "content", $2, substr($1, 1, 16)}'
}

describe /etc
[ -n "${LIVE-}" ] || describe /root /home /srv /opt /usr/local
[ ! -e /var/lib/pulumi-nspawn ] || describe /var/lib/pulumi-nspawn
describe /run/systemd/network /run/systemd/system /run/systemd/system.control
find /var/lib/machines -mindepth 1 -maxdepth 2 ! -path '*/.pulumi-cache*' -printf 'image %p %m %u:%g %y\n'
dpkg-query -W -f 'package ${Package} ${Status}\n'
systemctl list-unit-files --no-legend --no-pager --plain | awk '$1 !~ /^session-/ {print "unit", $1, $2}'
# Sessions, and services that D-Bus or a timer starts for a moment, come and go by themselves.
systemctl list-units --no-legend --no-pager --plain --state=active |
  awk '{print "active", $1, $4}' |
  grep -Ev '^active (session-|user@|user-|run-|init\.scope|polkit|machine\.slice|systemd-(hostnamed|timedated|localed|importd|tmpfiles-clean|machined)|var-lib-machines\.mount|.*\.device)'
# systemd leaves its empty NAT tables behind, and makes them again when it needs them.
nft --stateless list ruleset 2>/dev/null | awk '
  /^table / { table = ""; own = / io\.systemd\.nat / }
  { table = table "nft " $0 "\n" }
  /^}/ { if (!own || table ~ /elements/) printf "%s", table }
'
# The options of the root mount name directories of the outer machine.
findmnt --raw --noheadings --output TARGET,FSTYPE,OPTIONS | grep -Ev '^/run/(user|credentials)/' |
  sed 's/^/mount /; s/^mount \/ overlay .*/mount \/ overlay/'
ip -oneline link show | awk '{sub(/@.*/, "", $2); print "link", $2}'
ip -oneline -4 address show | awk '{print "address", $2, $4}'
ip -4 route show | sed 's/^/route /'
