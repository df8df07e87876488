# The shell functions `docker_allow` and `docker_forget` run docker-user.sh (docker.ts), and undo what it does.
# `docker_answer` answers for each family of addresses that Docker has rules for: whether it passes packets on to ours,
# our rules as they are, and as they should be.

docker_allow() {
  docker_script=/etc/pulumi-nspawn/docker-user.sh
  [ ! -e "$docker_script" ] || sh "$docker_script" \
    || answer warning "Docker drops what machines send, because the rules that let it pass could not be loaded. To see why, run on the host: sudo sh $docker_script"
}
docker_answer() {
  for docker_tables in iptables:ip ip6tables:ip6; do
    docker_program=${docker_tables%:*}
    command -v "$docker_program" >/dev/null || continue
    docker_jumps=$("$docker_program" -w -S DOCKER-USER 2>/dev/null) || continue
    answer docker "$(printf '%s\n' "$docker_jumps" | grep -xF -e '-A DOCKER-USER -j PULUMI-NSPAWN' | head -n 1)" \
      "$("$docker_program" -w -S PULUMI-NSPAWN 2>/dev/null | grep -v '^-N' || :)" "$(docker_user_rules "${docker_tables#*:}")"
  done
}
docker_forget() {
  for docker_tables in iptables ip6tables; do
    command -v "$docker_tables" >/dev/null || continue
    "$docker_tables" -w -D DOCKER-USER -j PULUMI-NSPAWN 2>/dev/null || :
    { "$docker_tables" -w -F PULUMI-NSPAWN && "$docker_tables" -w -X PULUMI-NSPAWN; } 2>/dev/null || :
  done
}
