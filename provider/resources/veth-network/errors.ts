import { explainOtherHost } from "../../host/identity";
import type { Firewall } from "../../host/networks/firewalls";
import { explainNetworkdRefusal } from "../../host/networks/networkd";
import { describeHost, HostError, RefusedError } from "../../remote";
import type { NetworkInputs } from "./inputs";

/** What a refusal of the network's scripts means to a user; any other error as it is. */
export function explainNetworkError(inputs: NetworkInputs, error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const { name } = inputs;
  const [first = "", second = ""] = error.values;
  const explain = (happened: string, advice: string, details?: string) =>
    new HostError({ ...error.parts, happened, advice, ...(details && { details }), cause: error });
  switch (error.code) {
    case "no-networkd":
      return explain(
        "systemd-networkd is not running there, and without it no link of a machine gets an address",
        "Set `install: true` on the Host, which starts it and lets other managers keep their links, or run on the host:",
        "sudo systemctl enable --now systemd-networkd.service",
      );
    case "no-nft":
      return explain(
        "nft is not installed there",
        "Set `install: true` on the Host, or run on the host:",
        "sudo apt-get install --no-install-recommends nftables",
      );
    case "no-resolved":
      return explain(
        'dns is "stub", and systemd-resolved is not running there',
        "Leave `dns` out, so that machines ask the servers that the host asks, or run on the host:",
        "sudo apt-get install --no-install-recommends systemd-resolved",
      );
    case "no-nameserver":
      return explain(
        "the host names no name server that machines could reach: those in its /etc/resolv.conf are on its loopback, or IPv6",
        'Name servers in `dns`, as in `dns: ["9.9.9.9"]`, or set `dns: "stub"` where systemd-resolved runs.',
      );
    case "overlaps-network": {
      const [other = "", subnet = ""] = first.split(" ");
      return explain(
        `its subnet ${inputs.subnet} overlaps with ${subnet} of the network "${other}" there`,
        "Give one of the two another subnet.",
      );
    }
    case "overlaps-route":
      return explain(
        `its subnet ${first} overlaps with what the host has already: ${second.trim().replace(/\s+/g, " ")}`,
        "Choose a subnet that the host has neither an address in nor a route to.",
      );
    case "claimed":
      return explain(
        `the network "${name}" there belongs to ${first}`,
        "Choose another name, or take it over with `adopt: true` if that resource is not used any more.",
      );
    case "foreign":
      return explain(
        `there is a file ${first} already that pulumi-nspawn did not make`,
        "Choose another name, or let it be overwritten with `adopt: true` on the VethNetwork.",
      );
    case "in-use":
      return explain(
        `machines have links in it: ${first.trim().split(" ").join(", ")}`,
        "Remove them from it first: `pulumi up` without this network in their `networks`, or delete them.",
      );
    case "lost":
      return explain(
        "it is not known there any more: its marker is gone",
        "Run `pulumi refresh`, and then `pulumi up` again.",
      );
    case "locked":
      return explain("another operation on the host's networks holds their lock", "Wait for it, and try again.");
    default:
      return explainNetworkdRefusal(error) ?? explainOtherHost(error);
  }
}

/** What a firewall of the host has to be told of a network, as a warning. */
export function firewallWarning({ kind, chain }: Firewall, inputs: NetworkInputs): string {
  const { subnet, dns, dhcp } = inputs;
  const asks = dhcp || dns === "stub";
  const told = (what: string, commands: readonly string[]) =>
    `${what} on ${describeHost(inputs.host.connection)} drops packets of machines in ${subnet}. Run there:\n` +
    commands.map((command) => `  sudo ${command}`).join("\n");
  switch (kind) {
    case "firewalld":
      return told("firewalld", [
        `firewall-cmd --permanent --zone=trusted --add-source=${subnet}`,
        ...(dhcp ? ["firewall-cmd --permanent --zone=public --add-service=dhcp"] : []),
        "firewall-cmd --reload",
      ]);
    case "ufw":
      return told("ufw", [
        `ufw route allow from ${subnet}`,
        `ufw route allow to ${subnet}`,
        ...(asks ? [`ufw allow proto udp from ${subnet} to any port 53`] : []),
        ...(dhcp ? ["ufw allow proto udp from any port 68 to any port 67"] : []),
      ]);
    case "chain": {
      const rule = (text: string) => `nft add rule ${chain} ${text}`;
      const warning = told(`The chain "${chain}"`, [
        rule(`ip saddr ${subnet} accept`),
        rule(`ip daddr ${subnet} ct state established,related accept`),
        rule(`ip daddr ${subnet} ct status dnat accept`),
      ]);
      return `${warning}\nand add the same rules to what makes that chain, /etc/nftables.conf by Debian's default.`;
    }
  }
}
