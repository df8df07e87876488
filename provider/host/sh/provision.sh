# Shell functions about a machine in which work is done; the caller sets `provision_machine`.

# What killed runs recorded of work in a machine that is removed: nobody else knows of it.
provision_forget() {
  for provision_marker in /var/lib/pulumi-nspawn/provisions/*.json; do
    if [ ! -e "$provision_marker" ] || ! marker_is "$provision_marker" machine "$1" || ! claim_unrecorded "$provision_marker"; then continue; fi
    rm -f -- "${provision_marker%.json}.inspect"
    file_absent "$provision_marker" || :
  done
}
# In conditions: it only looks.
provision_runs() { systemctl -q is-active "systemd-nspawn@$provision_machine.service"; }
# Tries a command until it succeeds, as long as the machine runs.
# In conditions: each failure is returned.
provision_persist() {
  provision_tries=120
  until "$@"; do
    provision_tries=$((provision_tries - 1))
    [ "$provision_tries" -gt 0 ] && provision_runs || return 1
    sleep 0.5
  done
}
# Right after a start, the bus of the guest does not exist yet.
# In conditions: each failure ends the script.
provision_ready() {
  provision_persist timeout 5 systemctl -M "$provision_machine" show -p Version >/dev/null 2>&1 || refuse no-bus "$provision_machine"
}
# In conditions: each failure is returned.
provision_inside() { systemd-run -M "$provision_machine" --quiet --pipe --wait --collect --service-type=exec "$@" /bin/sh; }
# OWNER: answers whether the machine runs, and what an inspection inside it printed, which is the guest's word, not the
# host's.
provision_inspect() {
  provision_machine=$(marker_field /var/lib/pulumi-nspawn/provisions/"$1.json" machine)
  provision_text='' provision_state=stopped
  if provision_runs; then
    provision_state=running
    provision_text=$(timeout 60 systemd-run -M "$provision_machine" --quiet --pipe --wait --collect --service-type=exec /bin/sh \
      </var/lib/pulumi-nspawn/provisions/"$1.inspect" 2>/dev/null | head -c 1000000)
  fi
  answer provision "$1" "$provision_machine" "$provision_state" "$provision_text"
}
