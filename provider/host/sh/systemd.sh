# The shell function `systemd_reload`: systemd reads the files of all units again, once for all scripts that wait for it. Each time takes as
# long as there are units, and all other commands of systemd wait meanwhile.

systemd_reload() { coalesced systemd systemctl daemon-reload || exit 1; }
