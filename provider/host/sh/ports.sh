# The shell function `ports_free MACHINE PORT…`, where a port is `PROTOCOL ADDRESS FIRST LAST`, refuses a port that
# another machine has with `port-claimed`, and one that a process of the host listens on with `port-listening`: the
# process could no longer be reached (ss(8)). Ports that the machine already has are not checked again.

ports_nft=/etc/pulumi-nspawn/nftables
ports_of_machines() {
  for ports_part in "$ports_nft"/60-*.nft; do
    [ -e "$ports_part" ] || continue
    ports_machine=${ports_part##*/60-}
    ports_machine=${ports_machine#*.}
    sed -n "s/^# port \(.*\)/\1 ${ports_machine%.nft}/p" "$ports_part"
  done
}
ports_listening() {
  ss -H -l -t -u -n -p | awk '{
    address = port = $5; sub(/.*:/, "", port); sub(/:[^:]*$/, "", address); sub(/%.*/, "", address); gsub(/[][]/, "", address)
    if (address == "0.0.0.0" || address == "::") address = "*"
    process = "a process"
    if (match($0, /\(\("[^"]*"/)) process = substr($0, RSTART + 3, RLENGTH - 4)
    print $1, address, port, port, process
  }'
}
# Prints the first wanted port that occurs in the lines on stdin: PORT PROTOCOL WHO.
ports_first() {
  ports_wanted=$1 awk '
    BEGIN { count = split(ENVIRON["ports_wanted"], lines, "\n") }
    { for (i = 1; i <= count; i++) {
        split(lines[i], want, " ")
        if ($1 != want[1] || $2 != "*" && want[2] != "*" && $2 != want[2] || $4 + 0 < want[3] + 0 || want[4] + 0 < $3 + 0) continue
        port = ($3 + 0 > want[3] + 0 ? $3 : want[3]); protocol = $1
        for (field = 1; field <= 4; field++) sub(/^[^ ]* /, "")
        print port, protocol, $0; exit
    } }'
}
ports_free() {
  ports_name=$1
  shift
  ports_all=$(ports_of_machines)
  ports_new=$(for ports_one; do printf '%s\n' "$ports_all" | grep -qxF -- "$ports_one $ports_name" || printf '%s\n' "$ports_one"; done)
  [ -n "$ports_new" ] || return 0
  ports_found=$(printf '%s\n' "$ports_all" | awk -v machine="$ports_name" '$5 != machine' | ports_first "$ports_new")
  [ -z "$ports_found" ] || refuse port-claimed "$ports_found"
  ports_found=$(ports_listening | ports_first "$ports_new")
  [ -z "$ports_found" ] || refuse port-listening "$ports_found"
}
