# What a host has that an operation may have made, a line each. Runs on the host.
LC_ALL=C
export LC_ALL

describe() {
  find "$@" -xdev -printf 'file %p %m %u:%g %y %l\n' 2>/dev/null
}
contents() {
  find "$@" -xdev -type f -size -64k 2>/dev/null | sort | while IFS= read -r path; do
    tr -d '\000' <"$path" | awk -v path="$path" '{ print "content " path ": " $0 }'
  done
}

describe /etc /root /home /srv /var/lib/pulumi-nspawn /var/lib/devboxes /run/systemd/network /run/systemd/system /run/systemd/system.control
contents /etc/systemd/nspawn /etc/systemd/network /etc/systemd/system /etc/pulumi-nspawn /etc/nftables.conf /etc/sysctl.d /var/lib/pulumi-nspawn /run/systemd/network
find /etc -xdev -type f -newer /etc/machine-id ! -path '/etc/systemd/*' ! -path '/etc/pulumi-nspawn/*' ! -path '/etc/ssh/*' -print0 2>/dev/null |
  xargs -0 --no-run-if-empty sha256sum | sed 's/^\([0-9a-f]\{8\}\)[0-9a-f]* */checksum \1- /'
find /var/lib/machines -mindepth 1 -maxdepth 1 -printf 'image %f %y\n'
find /var/lib/machines/.pulumi-cache -mindepth 1 -maxdepth 1 ! -name '*.lock' -printf 'cached %f %y\n' 2>/dev/null
find /run/pulumi-nspawn -mindepth 1 ! -name '*.lock' -printf 'runtime %p %y\n' 2>/dev/null
dpkg-query -W -f 'package ${Package} ${Status}\n'
systemctl list-units --all --no-legend --no-pager --plain | awk '{print "unit", $1, $3, $4}'
systemctl list-unit-files --no-legend --no-pager --plain | awk '{print "unit-file", $1, $2}'
nft --stateless list ruleset 2>/dev/null | awk '
  /^table / { table = ""; own = / io\.systemd\.nat / }
  { table = table "nft " $0 "\n" }
  /^}/ { if (!own || table ~ /elements/) printf "%s", table }
'
findmnt --raw --noheadings --output TARGET,FSTYPE,OPTIONS | grep -Ev '^/run/(user|credentials)/' |
  sed 's/^/mount /; s/^mount \/ overlay .*/mount \/ overlay/'
ip -oneline link show | awk '{sub(/@.*/, "", $2); print "link", $2}'
ip -oneline -4 address show | awk '{print "address", $2, $4}'
ip -4 route show | sed 's/^/route /'
lslocks --noheadings --raw --output COMMAND,TYPE,MODE,PATH | grep -E 'pulumi|/var/lib/machines' | sed 's/^/lock /'
# What runs for somebody who is logged in, or in a unit of its own; a machine's own processes are the machine's.
for process in /proc/[0-9]*; do
  read -r group <"$process/cgroup" || continue
  case $group in
    *machine.slice* | *systemd-nspawn@*) ;;
    */user.slice/* | */ssh.service | */run-* | *pulumi*)
      words=$(tr '\0' ' ' <"$process/cmdline")
      case $words in
        '' | *sshd* | *'(sd-pam)'* | */systemd*--user* | *dbus-daemon*) ;;
        *) printf 'process %s\n' "$words" ;;
      esac
      ;;
  esac
done 2>/dev/null
:
