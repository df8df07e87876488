import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type NetworkInput, specOf } from "../../provider/resources/attachments/attachable";
import { VethNetwork } from "../../provider/resources/veth-network";
import type { DevBoxArgs } from "./args";

/** A port in the output `ports`. */
export interface OpenPort {
  /** The host's port. */
  readonly host: number;
  /** The box's port. */
  readonly guest: number;
  /** The transport protocol. */
  readonly protocol: "tcp" | "udp";
  /** What it is for. @default none */
  readonly label?: string;
}

/** A network with one machine's ports, in the form that its `networks` accept. */
export function withPorts(
  network: pulumi.Input<NetworkInput>,
  ports: DevBoxArgs["ports"],
): pulumi.Output<NetworkInput> {
  const mappings = pulumi.output(ports ?? []).apply((list) => list.map(({ label: _label, ...port }) => port));
  return pulumi.all([specOf(network), mappings]).apply(([value, list]): pulumi.Output<NetworkInput> => {
    if (typeof value === "object" && "veth" in value) return VethNetwork.attach(value, { ports: list });
    if (list.length === 0) return pulumi.output<NetworkInput>(value);
    throw new TypeError(
      "`ports` of a DevBox are forwarded only in a VethNetwork. On a bridge, it has its own address, with all its ports.",
    );
  });
}

export function portsOf({ ports }: DevBoxArgs): pulumi.Output<OpenPort[]> {
  return pulumi.output(ports ?? []).apply((list) =>
    list.map(({ host, guest, protocol = "tcp", label }) => ({
      host,
      guest,
      protocol,
      ...(label !== undefined && { label }),
    })),
  );
}

/** The subnet of a single box's network: always the same for a name, and rarely the same as another name's. */
export function placeOf(boxName: string): { name: string; subnet: string } {
  const digest = createHash("sha256").update(boxName).digest();
  return {
    name: `box-${digest.toString("hex").slice(0, 8)}`,
    subnet: `10.${128 + (digest.readUInt8(0) & 127)}.${digest.readUInt8(1)}.${digest.readUInt8(2) & 240}/28`,
  };
}
