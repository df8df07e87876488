# The shell function `systemd_reload` makes systemd read the files of all units again, once for all scripts that wait
# for it. A reload takes longer the more units there are, and all other systemd commands wait meanwhile.

systemd_reload() { coalesced systemd systemctl daemon-reload || exit 1; }
