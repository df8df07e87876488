# The shell function that checks whether the host's default gateway answers. Any packet makes the kernel ask for the
# gateway's link-layer address, an answer that no firewall blocks. (bash is essential in Debian, and has /dev/udp.)

# In conditions: it only looks.
network_gateway_answers() {
  network_why="there is no default route"
  network_gateway=$(ip -4 route show default | sed -n 's/.* via \([^ ]*\).*/\1/p' | head -n 1)
  [ -n "$network_gateway" ] || return 1
  network_why="the gateway $network_gateway does not answer"
  ip -4 neighbour flush to "$network_gateway" 2>/dev/null || :
  bash -c 'echo >"/dev/udp/$1/9"' bash "$network_gateway" 2>/dev/null || :
  network_tick=0
  until ip -4 neighbour show to "$network_gateway" | grep -q lladdr; do
    [ "$network_tick" -lt 20 ] || return 1
    sleep 0.1
    network_tick=$((network_tick + 1))
  done
}
