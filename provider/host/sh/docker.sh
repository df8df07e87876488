# The shell functions `docker_allow` and `docker_forget`: run docker-user.sh (docker.ts), and undo what it does.

docker_allow() {
  docker_script=/etc/pulumi-nspawn/docker-user.sh
  [ ! -e "$docker_script" ] || sh "$docker_script" \
    || answer warning "Docker drops what machines send, because the rules that let it pass could not be loaded. To see why, run on the host: sudo sh $docker_script"
}
docker_forget() {
  for docker_tables in iptables ip6tables; do
    command -v "$docker_tables" >/dev/null || continue
    "$docker_tables" -w -D DOCKER-USER -j PULUMI-NSPAWN 2>/dev/null || :
    { "$docker_tables" -w -F PULUMI-NSPAWN && "$docker_tables" -w -X PULUMI-NSPAWN; } 2>/dev/null || :
  done
}
