import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { sh } from "../../../host/sh";
import type { Script } from "../../../remote";
import { quoteColonField } from "../../../systemd/colon-fields";
import { absolutePath } from "../../../systemd/paths";
import { quoteUnitWord } from "../../../systemd/unit-words";
import type { Part } from "../contribution";
import type { MachineInputs } from "../inputs";
import { mapsUsers } from "./private-users";

/** A device of the host that a machine may use. */
export interface Device {
  /** The device node, as in `"/dev/kvm"`; or a link to one, as in /dev/serial/by-id, which is followed at each start. */
  readonly path: pulumi.Input<string>;
  /** Read, write, and make nodes of it (`DeviceAllow=`, systemd.resource-control(5)). @default "rw" */
  readonly access?: pulumi.Input<DeviceAccess>;
}

const ACCESSES = ["r", "w", "rw", "rm", "wm", "rwm"] as const;
type DeviceAccess = (typeof ACCESSES)[number];

const device = z.preprocess(
  (value) => (typeof value === "string" ? { path: value } : value),
  z.strictObject({
    path: absolutePath.refine((path) => path.startsWith("/dev/"), {
      error: ({ input }) => `${JSON.stringify(input)} is no device: write its node in /dev, as in "/dev/kvm"`,
    }),
    access: z.enum(ACCESSES, `write one of ${ACCESSES.join(", ")}`).default("rw"),
  }),
);

export const devicesSchema = z.array(device).superRefine((devices, context) => {
  const paths = devices.map(({ path }) => path);
  for (const [index, path] of paths.entries()) {
    if (paths.indexOf(path) === index) continue;
    context.addIssue({ code: "custom", path: [index], message: `"${path}" is in the list already.` });
  }
});

/** Nodes are bound into the guest's /dev, and the unit, which allows no others, allows these (`DevicePolicy=closed`). */
export const devicesPart: Part = {
  inputs: ["devices"],
  // Its `Bind=` entries are beside those of `mounts`, which has the key.
  owns: () => [],
  of: ({ devices, privateUsers, running }) => ({
    nspawn: devices.map(({ path }) => ({ section: "Files", key: "Bind", value: quoteColonField(path) })),
    unit: devices.map(({ path, access }) => ({
      section: "Service",
      key: "DeviceAllow",
      value: `${quoteUnitWord(path)} ${access}`,
    })),
    checks: running && devices.length > 0 ? checksOf(devices, privateUsers) : [],
  }),
};

function checksOf(devices: MachineInputs["devices"], privateUsers: MachineInputs["privateUsers"]): Script[] {
  const needed = (access: DeviceAccess) => (mapsUsers(privateUsers) ? access : "none");
  return devices.map(({ path, access }) => sh`device_present ${path} ${needed(access)}`);
}
