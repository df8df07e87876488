import type { Firewall } from "../../host/networks/firewalls";
import { describeHost } from "../../remote";
import type { NetworkInputs } from "./network-inputs";

/** A warning with the rules that a firewall of the host needs for a network. */
export function firewallWarning({ kind, chain }: Firewall, inputs: NetworkInputs): string {
  const { subnet, dns, dhcp } = inputs;
  const asks = dhcp || dns === "stub";
  const advice = (what: string, commands: readonly string[]) =>
    `${what} on ${describeHost(inputs.host.connection)} drops packets of machines in ${subnet}. Run there:\n` +
    commands.map((command) => `  sudo ${command}`).join("\n");
  switch (kind) {
    case "firewalld":
      return advice("firewalld", [
        `firewall-cmd --permanent --zone=trusted --add-source=${subnet}`,
        ...(dhcp ? ["firewall-cmd --permanent --zone=public --add-service=dhcp"] : []),
        "firewall-cmd --reload",
      ]);
    case "ufw":
      return advice("ufw", [
        `ufw route allow from ${subnet}`,
        `ufw route allow to ${subnet}`,
        ...(asks ? [`ufw allow proto udp from ${subnet} to any port 53`] : []),
        ...(dhcp ? ["ufw allow proto udp from any port 68 to any port 67"] : []),
      ]);
    case "chain": {
      const rule = (text: string) => `nft add rule ${chain} ${text}`;
      const warning = advice(`The chain "${chain}"`, [
        rule(`ip saddr ${subnet} accept`),
        rule(`ip daddr ${subnet} ct state established,related accept`),
        rule(`ip daddr ${subnet} ct status dnat accept`),
      ]);
      return `${warning}\nand add the same rules to what creates that chain, /etc/nftables.conf by Debian's default.`;
    }
  }
}
