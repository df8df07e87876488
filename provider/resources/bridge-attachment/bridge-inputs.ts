import ipaddr from "ipaddr.js";
import { z } from "zod";
import { effect } from "../../dynamic";
import { interfaceName } from "../../systemd/interface";
import { bridgePortShape, gatewayProblems, interfaceAddress, serverAddress, vlanId } from "../attachments/bridge-spec";
import { hostInputs } from "../on-host";
import { timeoutsSchema } from "../timeouts";

const create = z.strictObject({
  uplink: interfaceName,
  addresses: z
    .union([z.literal("keep"), z.array(interfaceAddress)], 'write "keep", or addresses as in ["192.168.1.10/24"]')
    .default("keep"),
  gateway: z.ipv4("is not an IPv4 address").optional(),
  dns: z.array(serverAddress).optional(),
  vlans: z.array(vlanId).default([]),
});
/** A bridge to create. */
export type BridgeCreate = z.infer<typeof create>;

export const bridgeInputs = z.object({
  ...hostInputs,
  bridge: effect("replace", interfaceName),
  create: effect("live", create.optional()),
  // Settings of a machine's end of the link. The host gets them from the machine.
  address: effect("state", bridgePortShape.address),
  gateway: effect("state", bridgePortShape.gateway),
  dns: effect("state", bridgePortShape.dns),
  vlan: effect("state", bridgePortShape.vlan),
  mac: effect("state", bridgePortShape.mac),
  timeouts: effect("state", timeoutsSchema({ create: 180, update: 180, delete: 180, read: 120 })),
  adopt: effect("state", z.boolean().default(false)),
});
export type BridgeInputs = z.infer<typeof bridgeInputs>;

export const originSchema = z.object({
  uplink: z.string(),
  mac: z.string(),
  /** The files with which networkd configured the uplink, drop-ins last. */
  files: z.array(z.object({ path: z.string(), text: z.string() })),
  /** How the uplink identified itself to DHCP servers, so that the bridge gets the same address. */
  iaid: z.number().optional(),
});
/** The uplink's state before it was added to the bridge. */
export type Origin = z.infer<typeof originSchema>;

export const bridgeOutputs = z.object({
  owner: z.string(),
  machineId: z.string().optional(),
  drift: z.record(z.string(), z.string()).optional(),
});
export type BridgeOutputs = z.infer<typeof bridgeOutputs>;

/** Changes that are impossible, and inputs that exclude each other, as sentences. */
export function violations(inputs: BridgeInputs, before: BridgeInputs | undefined): string[] {
  return [...gatewayProblems(inputs), ...createProblems(inputs), ...changeProblems(inputs, before)];
}

function createProblems({ bridge, create, vlan }: BridgeInputs): string[] {
  if (create === undefined) return [];
  const { uplink, addresses, gateway, dns, vlans } = create;
  const kept = addresses === "keep" ? [] : addresses.map((address) => ipaddr.IPv4.parseCIDR(address));
  const own = [gateway !== undefined && "gateway", dns !== undefined && "dns"].filter((key) => key !== false);
  return [
    ...(uplink === bridge ? [`create.uplink: "${uplink}" is the bridge itself.`] : []),
    ...(addresses === "keep"
      ? own.map(
          (key) => `create.${key}: \`addresses: "keep"\` keeps it too. Set it only together with a list of addresses.`,
        )
      : []),
    ...(addresses !== "keep" && gateway !== undefined && !kept.some((cidr) => ipaddr.IPv4.parse(gateway).match(cidr))
      ? [`create.gateway: "${gateway}" is in the network of none of ${addresses.join(", ")}.`]
      : []),
    ...(vlan !== undefined && !vlans.includes(vlan)
      ? [`vlan: the uplink takes only the VLANs of \`create.vlans\`, and ${vlan} is not among them.`]
      : []),
  ];
}

function changeProblems(inputs: BridgeInputs, before: BridgeInputs | undefined): string[] {
  if (before?.create === undefined) return [];
  if (inputs.bridge === before.bridge && inputs.create === undefined) {
    return [
      `create: this resource created the bridge "${before.bridge}", and removing \`create\` would delete it while machines use it. ` +
        "To hand it over, use `retainOnDelete: true` and a new BridgeAttachment without `create`.",
    ];
  }
  if (inputs.bridge !== before.bridge && inputs.create?.uplink === before.create.uplink) {
    return [
      `bridge: "${before.create.uplink}" stays in the bridge "${before.bridge}" until that one is removed, which happens after the ` +
        "new one is created. Remove this BridgeAttachment, run `pulumi up`, and then add the new one.",
    ];
  }
  return [];
}
