import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { isRecord, refusal } from "../../provider/dynamic";
import { parsePort, portSchema, sizeOf } from "../../provider/nftables/ports";
import { type NetworkInput, specOf } from "../../provider/resources/attachments/attachable";
import { portTexts } from "../../provider/resources/attachments/port-texts";
import type { DevBoxArgs, DevBoxPort } from "./args";
import { madeOf } from "./box-inputs";

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
export function withPorts(network: pulumi.Input<NetworkInput>, args: DevBoxArgs): pulumi.Output<NetworkInput>;
export function withPorts(network: unknown, args: DevBoxArgs): pulumi.Output<unknown> {
  const texts = madeOf(args, ["ports"], ({ ports = [] }) => portTexts(ports));
  return pulumi.all([specOf(network), texts]).apply(([value, ports]) => withTexts(value, ports));
}

function withTexts(network: unknown, ports: unknown): unknown {
  if (isRecord(network) && isRecord(network.veth)) return { veth: { ...network.veth, ports } };
  return Array.isArray(ports) && ports.length === 0 ? network : refusal(ONLY_IN_VETH);
}

const ONLY_IN_VETH =
  "`ports` of a DevBox are forwarded only in a VethNetwork. On a bridge, it has its own address, with all its ports.";

/** Each port by itself, also those of a range. */
export function portsOf(args: DevBoxArgs): pulumi.Output<OpenPort[]> {
  return madeOf(args, ["ports"], ({ ports = [] }) => ports.flatMap(openPorts));
}

function openPorts(port: pulumi.Unwrap<DevBoxPort> | string): OpenPort[] {
  const label = typeof port === "string" ? undefined : port.label;
  return portTexts([port]).flatMap((text) => {
    const parsed = portSchema.safeParse(text).data;
    if (parsed === undefined) return [];
    const { host, guest, protocol } = parsePort(parsed);
    return Array.from({ length: sizeOf(host) }, (_, index) => ({
      host: host.first + index,
      guest: guest.first + index,
      protocol,
      ...(label !== undefined && { label }),
    }));
  });
}

/** The subnet of a single box's network: always the same for a name, and rarely the same as another name's. */
export function placeOf(boxName: string): { name: string; subnet: string } {
  const digest = createHash("sha256").update(boxName).digest();
  return {
    name: `box-${digest.toString("hex").slice(0, 8)}`,
    subnet: `10.${128 + (digest.readUInt8(0) & 127)}.${digest.readUInt8(1)}.${digest.readUInt8(2) & 240}/28`,
  };
}
