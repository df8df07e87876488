import { z } from "zod";
import { documented } from "../../../documented";
import { effect } from "../../../dynamic";
import { sh } from "../../../host/sh";
import type { Script } from "../../../remote";
import { quoteColonField } from "../../../systemd/colon-fields";
import { absolutePath } from "../../../systemd/paths";
import { quoteUnitWord } from "../../../systemd/unit-words";
import type { Rendered, Values } from "../section";
import { mapsUsers, type PrivateUsers } from "./private-users";

const ACCESSES = ["r", "w", "rw", "rm", "wm", "rwm"] as const;
type DeviceAccess = (typeof ACCESSES)[number];

const device = documented({
  /**
   * The device node, as in `"/dev/kvm"`, or a link to one, as in /dev/serial/by-id, which is followed at each start.
   */
  path: absolutePath.refine((path) => path.startsWith("/dev/"), {
    error: ({ input }) => `${JSON.stringify(input)} is not a device: write its node in /dev, as in "/dev/kvm"`,
  }),
  /** Read, write, and create nodes (`DeviceAllow=`, systemd.resource-control(5)). @default "rw" */
  access: z.enum(ACCESSES, `write one of ${ACCESSES.join(", ")}`).default("rw"),
});

/** A device of the host that a machine may use. */
export type Device = z.input<typeof device>;

const schema = z
  .array(z.preprocess((value: string | Device) => (typeof value === "string" ? { path: value } : value), device))
  .superRefine((devices, context) => {
    const paths = devices.map(({ path }) => path);
    for (const [index, path] of paths.entries()) {
      if (paths.indexOf(path) === index) continue;
      context.addIssue({ code: "custom", path: [index], message: `"${path}" is in the list twice.` });
    }
  });

export const inputs = {
  /**
   * Devices of the host that it may use, as in `["/dev/kvm", "/dev/dri/renderD128"]`. The nodes are bound into its /dev
   * and allowed in its unit (`Bind=`, systemd.nspawn(5); `DeviceAllow=`, systemd.resource-control(5)). In a machine
   * with its own user IDs nobody owns them, so they must be open to all users of the host. From systemd 257 on it has
   * /dev/fuse anyway.
   * @default []
   */
  devices: effect("restart", schema.default([])),
};

type Devices = Values<typeof inputs>["devices"];

interface Reads {
  readonly devices: Devices;
  readonly privateUsers: PrivateUsers;
  readonly running: boolean;
}

/** Nodes are bound into the guest's /dev, and allowed in the unit, which allows no others (`DevicePolicy=closed`). */
export function render({ devices, privateUsers, running }: Reads): Rendered {
  return {
    // `mounts` owns the key: these entries are added to its own.
    nspawn: devices.map(({ path }) => ({ section: "Files", key: "Bind", value: quoteColonField(path) })),
    unit: devices.map(({ path, access }) => ({
      section: "Service",
      key: "DeviceAllow",
      value: `${quoteUnitWord(path)} ${access}`,
    })),
    preflight: running ? checksOf(devices, privateUsers) : [],
  };
}

function checksOf(devices: Devices, privateUsers: PrivateUsers): Script[] {
  const needed = (access: DeviceAccess) => (mapsUsers(privateUsers) ? access : "none");
  return devices.map(({ path, access }) => sh`device_present ${path} ${needed(access)}`);
}
