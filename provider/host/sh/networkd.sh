# Shell functions that make systemd-networkd reload its files. It refuses while a reload for somebody else is in
# progress (from systemd 257 on; the message differs in 262), and that reload may have missed a file of this script.
#
# - `networkd_try ATTEMPTS` retries as long as that is the reason; otherwise it fails, with the reason in
# `networkd_why`.
# - `networkd_reload` reloads once for all waiting scripts, and refuses with `networkd-reload` and the reason.
# - `networkd_forget` is the same after files were removed, when it does not matter whether networkd still runs.
# - `networkd_settle` is the same while the links of the host itself change, which must not wait long.

# In conditions: each failure is returned.
networkd_try() {
  networkd_attempts=$1
  until networkd_why=$(networkctl reload 2>&1); do
    case $networkd_why in *'Already reloading'* | *AlreadyReloading*) ;; *) return 1 ;; esac
    networkd_attempts=$((networkd_attempts - 1))
    [ "$networkd_attempts" -gt 0 ] || return 1
    sleep 0.1
  done
}
networkd_reload() { coalesced networkd networkd_try 600 || refuse networkd-reload "$networkd_why"; }
networkd_forget() { ! systemctl -q is-active systemd-networkd.service || networkd_reload; }
networkd_settle() { networkd_try 30 || systemctl restart systemd-networkd.service; }
