import { HostError, type RefusedError } from "../remote";

/** What it means that a bridge is not fit for a machine: an attachment says so, and each machine on it once more. */
export function explainBridgeRefusal(error: RefusedError): HostError | undefined {
  const [bridge = ""] = error.values;
  const explain = (happened: string, advice: string) =>
    new HostError({ ...error.parts, happened, advice, cause: error });
  switch (error.code) {
    case "no-bridge":
      return explain(
        `there is no bridge "${bridge}"`,
        "Make it on the host, or have it made: `create: { uplink: … }` on the BridgeAttachment.",
      );
    case "not-a-bridge":
      return explain(
        `"${bridge}" is an interface, but not a bridge`,
        "See `ip -brief link show type bridge` on the host.",
      );
    case "no-vlan-filtering":
      return explain(
        `the bridge "${bridge}" does not tell VLANs apart`,
        `Have whatever makes it say VLANFiltering=yes (systemd.netdev(5)), or for now: sudo ip link set ${bridge} type bridge vlan_filtering 1`,
      );
    default:
      return undefined;
  }
}
