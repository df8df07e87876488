import { beforeOrDuring, type Fault, onHost } from "./fault";

export const power: Fault = {
  name: "power",
  title: "the host loses power, and boots again",
  moments: beforeOrDuring,
  held: "drop",
  inject: async ({ ground }) => {
    await ground.host.powerOff();
    ground.proxy.cut();
    // A machine may have been in the middle of a change. What heals it makes it whole, and the verdict says so.
    await ground.host.powerOn({ degraded: true });
  },
};

/** Refuses all that leaves the host, except to who manages it. */
export const mirror = onHost(
  {
    name: "mirror-gone",
    title: "no mirror of Debian can be reached",
    excluded: (program, operation) => (program.downloads?.(operation) === true ? undefined : "it downloads nothing"),
  },
  () => `nft -f - <<END
table inet fault {
  chain output { type filter hook output priority 0; oifname "eth0" ip daddr != 198.18.240.0/24 reject; }
  chain forward { type filter hook forward priority 0; oifname "eth0" ip daddr != 198.18.240.0/24 reject; }
}
END`,
  "nft delete table inet fault",
);

/** Hosts share the kernel's clock with this machine. What they see of it in files is enough: nothing else is kept. */
export const clock = onHost(
  { name: "clock", title: "the clock was a day ahead when the files of machines and networks were written" },
  () => `for directory in /etc/systemd/nspawn /etc/systemd/network /etc/systemd/system /etc/pulumi-nspawn \\
    /var/lib/pulumi-nspawn /run/pulumi-nspawn; do
    [ ! -d $directory ] || find $directory -exec touch -h -d '+1 day' {} +
  done`,
  undefined,
);

export const sudo = onHost(
  { name: "sudo-revoked", title: "the user may no longer use sudo" },
  () => "mv /etc/sudoers.d/ops /root/ops-sudoers",
  "mv /root/ops-sudoers /etc/sudoers.d/ops",
);

export const networkd = stopped("networkd", "systemd-networkd.service systemd-networkd.socket");

export const machined = stopped("machined", "systemd-machined.service");

function stopped(name: string, units: string): Fault {
  return onHost(
    { name: `${name}-stopped`, title: `systemd-${name} is stopped and cannot be started` },
    () => `systemctl mask --runtime --now ${units} 2>&1`,
    `systemctl unmask --runtime ${units} 2>&1; systemctl start systemd-${name}`,
  );
}

/** Its clients do not get over that, so that who heals it restarts them too. */
export const dbus = onHost(
  { name: "dbus-stopped", title: "D-Bus is stopped" },
  () => "systemctl stop dbus.socket dbus.service 2>&1",
  "systemctl start dbus.socket dbus.service && systemctl restart systemd-logind systemd-machined systemd-networkd",
);
