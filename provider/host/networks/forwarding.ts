/** The sysctl.d(5) file of a network: the host forwards its packets after a reboot, too. */
export function forwardingSettings(ipv6: boolean): string {
  const settings = ["net.ipv4.ip_forward = 1", ...(ipv6 ? ["net.ipv6.conf.all.forwarding = 1"] : [])];
  return ["# Managed by pulumi-nspawn.", ...settings, ""].join("\n");
}

export function forwardingSettingsPath(network: string): string {
  return `/etc/sysctl.d/90-pulumi-nspawn-${network}.conf`;
}
