import * as nspawn from "../../index";
import { connectionTo, type User } from "./connection";
import type { TestHost } from "./hosts";
import { inside } from "./network";

/** What a test changes in the usual program. */
export interface BoxOptions {
  readonly user?: User;
  readonly host?: Partial<nspawn.HostArgs>;
  readonly rootfs?: Partial<nspawn.DebianRootfsArgs>;
  readonly machine?: Partial<nspawn.NspawnMachineArgs>;
}

/** The usual program: a host, a root and its machine, as in the quickstart. */
export function box(host: TestHost, { user = "root", ...parts }: BoxOptions = {}) {
  return async () => {
    const server = new nspawn.Host("server", {
      connection: connectionTo(host, user),
      ...(user === "careful" && { credentials: { becomePassword: host.carefulPassword } }),
      ...parts.host,
    });
    const rootfs = new nspawn.DebianRootfs("box", { host: server, ...parts.rootfs });
    const machine = new nspawn.NspawnMachine("box", { rootfs, ...parts.machine });
    const { state, address, bootId, unit } = machine;
    return { state, address, bootId, unit, rootId: rootfs.id };
  };
}

/** Runs a command inside the machine "box", as `systemd-run -M` does. */
export function inBox(host: TestHost, command: string): Promise<string> {
  return inside(host, "box", command);
}
