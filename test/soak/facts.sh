# What is true of a host's machines, a line each. Runs on the host; the names are those that a program may use.
for soak_marker in /var/lib/pulumi-nspawn/*/*.json; do
  [ -e "$soak_marker" ] || continue
  printf 'marker %s ' "${soak_marker#/var/lib/pulumi-nspawn/}"
  tr -d '\n' <"$soak_marker"
  echo
done
find /var/lib/machines -mindepth 1 -maxdepth 1 -type d ! -name .pulumi-cache ! -name lost+found ! -name '.#*' -printf 'image %f\n'
find /var/lib/machines -mindepth 1 -maxdepth 1 -type d -name '.#*' -printf 'snapshot\n'
for soak_machine in $(machinectl list --no-legend --no-pager | cut -d ' ' -f 1); do
  soak_leader=$(machinectl show "$soak_machine" -p Leader --value) || continue
  echo "running $soak_machine"
  systemctl show "systemd-nspawn@$soak_machine" -p MemoryMax | sed "s/^MemoryMax=/memory $soak_machine /"
  systemctl show "systemd-nspawn@$soak_machine" -p TasksMax | sed "s/^TasksMax=/tasks $soak_machine /"
  tr '\000' '\n' <"/proc/$soak_leader/environ" | sed -n "s/^STAGE=/stage $soak_machine /p"
  awk -v machine="$soak_machine" '$5 ~ "^/data[0-9]$" { print "mounted", machine, substr($5, 2), substr($6, 1, 2) }' "/proc/$soak_leader/mountinfo"
done
for soak_rules in /etc/pulumi-nspawn/nftables/60-*.nft; do
  [ -e "$soak_rules" ] || continue
  soak_names=${soak_rules##*/60-}
  sed -n "s/^# port tcp [^ ]* \([0-9]*\) .*/port ${soak_names%.nft} \1/p" "$soak_rules"
done
for soak_unit in /etc/systemd/system/machines.target.wants/systemd-nspawn@*.service; do
  [ ! -L "$soak_unit" ] || basename "$soak_unit" .service | sed 's/^systemd-nspawn@/enabled /'
done
for soak_root in /var/lib/machines/*/; do
  soak_name=$(basename "$soak_root")
  sed "s/^/content $soak_name /" "$soak_root/etc/soak" 2>/dev/null
  sed "s/^/provisioned $soak_name /" "$soak_root/etc/soak-provision" 2>/dev/null
  tail -n 1 "$soak_root/var/lib/soak-steps" 2>/dev/null | sed "s/^/step $soak_name /"
done
find /var/lib/machines/*/root/kept /srv/soak/*/kept -printf 'kept %p\n' 2>/dev/null
:
