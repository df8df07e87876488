import { networkdRefusals } from "../../host/networks/networkd";
import type { Refusals } from "../../host/refusals";
import { adviceOnClaim } from "../claimed";
import type { NetworkInputs } from "./network-inputs";

const own: Refusals<NetworkInputs> = {
  "no-networkd": () => ({
    happened: "systemd-networkd is not running on the host, and without it no link of a machine gets an address",
    advice:
      "Set `install: true` on the Host, which starts it and leaves other managers their links, or run on the host:",
    details: "sudo systemctl enable --now systemd-networkd.service",
  }),
  "no-nft": () => ({
    happened: "nft is not installed on the host",
    advice: "Set `install: true` on the Host, or run on the host:",
    details: "sudo apt-get install --no-install-recommends nftables",
  }),
  "no-resolved": () => ({
    happened: 'dns is "stub", but systemd-resolved is not running on the host',
    advice: "Leave `dns` out, so that machines use the host's own name servers, or run on the host:",
    details: "sudo apt-get install --no-install-recommends systemd-resolved",
  }),
  "no-nameserver": () => ({
    happened:
      "the host has no name server that machines could reach: those in its /etc/resolv.conf are on its loopback, or IPv6",
    advice: 'Set name servers in `dns`, as in `dns: ["9.9.9.9"]`, or set `dns: "stub"` if systemd-resolved runs.',
  }),
  "overlaps-network": ([first], inputs) => {
    const [other = "", subnet = ""] = first.split(" ");
    return {
      happened: `its subnet ${inputs.subnet} overlaps with ${subnet} of the network "${other}" there`,
      advice: "Give one of the two another subnet.",
    };
  },
  "overlaps-route": ([first, second]) => ({
    happened: `its subnet ${first} overlaps with what the host has already: ${second.trim().replace(/\s+/g, " ")}`,
    advice: "Choose a subnet in which the host has no address, and to which it has no route.",
  }),
  claimed: ([first], { name }) => ({
    happened: `the network "${name}" there belongs to ${first}`,
    advice: adviceOnClaim("Otherwise choose another name"),
  }),
  foreign: ([first]) => ({
    happened: `there is a file ${first} already that pulumi-nspawn did not make`,
    advice: "Choose another name, or set `adopt: true` on the VethNetwork to overwrite it.",
  }),
  "in-use": ([first]) => ({
    happened: `machines have links in it: ${first.trim().split(" ").join(", ")}`,
    advice: "Remove them from it first: `pulumi up` without this network in their `networks`, or delete them.",
  }),
  lost: () => ({
    happened: "the host no longer knows it: its marker is gone",
    advice: "Run `pulumi refresh`, and then `pulumi up` again.",
  }),
  locked: () => ({
    happened: "another operation on the host's networks holds their lock",
    advice: "Wait for it, and try again.",
  }),
};

/** Explains the refusals of the network's scripts. */
export const networkRefusals = [own, networkdRefusals];
