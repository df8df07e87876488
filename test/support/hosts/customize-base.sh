#!/bin/sh
# Makes a fresh Debian tree fit to be a disposable host. usage: customize-base.sh ROOT CAREFUL_PASSWORD
set -eu
root=$1
password=$2
in_root() { chroot "$root" "$@"; }

# Each host is another machine.
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root"/etc/ssh/ssh_host_* "$root/etc/hostname"
rm -rf "$root/var/cache/apt" "$root/var/lib/apt/lists" "$root/var/log/apt"
mkdir -p "$root/var/cache/apt/archives/partial" "$root/var/lib/apt/lists/partial" "$root/var/lib/machines"
chmod 700 "$root/var/lib/machines"

echo LANG=C.UTF-8 >"$root/etc/default/locale"
in_root useradd --uid 1001 --create-home --shell /bin/bash ops
in_root useradd --uid 1002 --create-home --shell /bin/bash careful
in_root useradd --uid 1003 --create-home --shell /bin/bash nosudo
printf 'careful:%s\n' "$password" | in_root chpasswd
printf 'ops ALL=(ALL:ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/ops"
printf 'careful ALL=(ALL:ALL) ALL\n' >"$root/etc/sudoers.d/careful"
chmod 440 "$root/etc/sudoers.d/ops" "$root/etc/sudoers.d/careful"

in_root systemctl --quiet enable systemd-networkd.service ssh.service
# first-boot would wait for answers, and a package run in the background would hold dpkg's lock at times that no test chose.
for unit in systemd-firstboot.service systemd-networkd-wait-online.service console-getty.service \
  apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

drop_in() {
  mkdir -p "$root/etc/systemd/system/$1.d"
  cat >"$root/etc/systemd/system/$1.d/test-host.conf"
}

# From systemd 262 on, ProtectControlGroups= gives a service a /proc of its own, and that has not the container's boot id:
# logind would take every process for one of another machine and open no session.
drop_in systemd-logind.service <<END
[Service]
ProtectControlGroups=no
END

# All hosts share the kernel of the outer machine: only what belongs to the host's own network namespace is the host's to set.
drop_in systemd-sysctl.service <<END
[Service]
ExecStart=
ExecStart=/usr/lib/systemd/systemd-sysctl --prefix=/net
END
drop_in systemd-udev-trigger.service <<END
[Service]
ExecStart=
ExecStart=udevadm trigger --action=add --subsystem-match=net
END
