# Shell functions about who has which address of a network; must be called while the networks are locked.
#
# A network's leases are lines `ADDRESS MACHINE`, those unused for longest first. They outlive their machine, so that a
# machine that is created again gets the same address, and are removed with the network. Addresses in the machines'
# parts of the table count too: the list may be younger than they are.
#
# - `lease_parts NETWORK` prints lines for the machines that have a link in a network; `lease_lines NETWORK` prints all
# leases, too.
# - `lease_take NETWORK MACHINE ADDRESS` records an address, or refuses with `address-taken` if another machine has it.
# - `lease_find NETWORK MACHINE FIRST LAST` sets `lease_address`: the machine's former address, else a free one, else
# one of a machine that is gone, else it refuses with `pool-full`. FIRST and LAST are the subnet's bounds as numbers.
# The upper half is used first: people who choose addresses begin at the lower end.
# - `lease_rest MACHINE` notes that a machine is removed; `lease_prune NETWORK FIRST LAST` drops what is outside the
# subnet.

leases=/var/lib/pulumi-nspawn/networks
lease_nft=/etc/pulumi-nspawn/nftables
lease_machines=/var/lib/pulumi-nspawn/machines
lease_parts() {
  for lease_part in "$lease_nft/60-$1."*.nft; do
    [ -e "$lease_part" ] || continue
    lease_machine=${lease_part##*/60-"$1".}
    echo "$(sed -n 's/^# address //p' "$lease_part") ${lease_machine%.nft}"
  done
}
# In conditions: it only looks.
lease_lines() {
  cat "$leases/$1.leases" 2>/dev/null || :
  lease_parts "$1"
}
# In conditions: it only looks.
lease_gone() { [ ! -e "$lease_machines/$1.json" ] && ! systemctl -q is-active "systemd-nspawn@$1.service"; }
lease_write() {
  lease_rows=$(lease_lines "$1" | awk -v machine="$2" -v address="$3" '
    $1 != address && $2 != machine && !seen[$1]++ { print }
    END { print address, machine }')
  lease_list "$leases/$1.leases" "$lease_rows"
}
# FILE ROWS
lease_list() {
  file_present "$1" "$2${2:+
}" any || :
}
lease_take() {
  lease_other=$(lease_lines "$1" | awk -v machine="$2" -v address="$3" '$1 == address && $2 != machine { print $2; exit }')
  [ -z "$lease_other" ] || lease_gone "$lease_other" || refuse address-taken "$3" "$lease_other"
  [ "$(lease_lines "$1" | awk -v machine="$2" '$2 == machine { print $1 }' | sort -u)" = "$3" ] || lease_write "$1" "$2" "$3"
}
# Numbers beyond 31 bits are not safe in every awk, so addresses are compared by their position in the subnet.
lease_places() {
  awk -F '[. ]' -v first="$1" -v last="$2" '{
    place = (($1 * 256 + $2) * 256 + $3) * 256 + $4 - first
    if (place >= 2 && place < last - first) print place, $0
  }'
}
lease_at() { awk -v first="$1" -v place="$2" 'BEGIN {
  number = first + place
  printf "%d.%d.%d.%d\n", int(number / 16777216), int(number / 65536) % 256, int(number / 256) % 256, number % 256
}'; }
lease_find() {
  lease_all=$(lease_lines "$1" | lease_places "$3" "$4")
  lease_address=$(printf '%s\n' "$lease_all" | awk -v machine="$2" '
    $3 == machine && !own { own = $2 } $3 != machine { other[$2] = 1 } END { if (own && !(own in other)) print own }')
  if [ -z "$lease_address" ]; then
    lease_place=$(printf '%s\n' "$lease_all" | awk -v size="$(($4 - $3))" '{ taken[$1] = 1 } END {
      half = int((size + 1) / 2)
      for (step = 0; step < size - 2; step++) {
        place = 2 + (half - 2 + step) % (size - 2)
        if (!(place in taken)) { print place; exit }
      }
    }')
    [ -z "$lease_place" ] || lease_address=$(lease_at "$3" "$lease_place")
  fi
  if [ -z "$lease_address" ]; then
    while read -r lease_place lease_old lease_machine; do
      lease_gone "$lease_machine" || continue
      lease_address=$lease_old
      break
    done <<END
$lease_all
END
  fi
  [ -n "$lease_address" ] || refuse pool-full "$1"
  lease_write "$1" "$2" "$lease_address"
}
lease_rest() {
  for lease_file in "$leases"/*.leases; do
    [ -e "$lease_file" ] || continue
    lease_rows=$(awk -v machine="$1" '$2 == machine { rest = rest $0 "\n"; next } { print } END { printf "%s", rest }' "$lease_file")
    lease_list "$lease_file" "$lease_rows"
  done
}
lease_prune() {
  [ -e "$leases/$1.leases" ] || return 0
  lease_rows=$(lease_places "$2" "$3" <"$leases/$1.leases" | cut -d ' ' -f 2-)
  lease_list "$leases/$1.leases" "$lease_rows"
}
