# The shell functions `docker_allow` and `docker_forget`: run docker-user.sh (docker.ts), and undo what it does.

docker_allow() { [ ! -e /etc/pulumi-nspawn/docker-user.sh ] || sh /etc/pulumi-nspawn/docker-user.sh; }
docker_forget() {
  for docker_tables in iptables ip6tables; do
    command -v "$docker_tables" >/dev/null || continue
    "$docker_tables" -w -D DOCKER-USER -j PULUMI-NSPAWN 2>/dev/null || :
    { "$docker_tables" -w -F PULUMI-NSPAWN && "$docker_tables" -w -X PULUMI-NSPAWN; } 2>/dev/null || :
  done
}
