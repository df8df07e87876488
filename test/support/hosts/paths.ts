import { join } from "node:path";
import { cacheDirectory } from "../../../scripts/tools/cache";

/** Everything about the running hosts of this machine: one directory per host, removed with it. */
export const stateDirectory = "/var/lib/pulumi-nspawn-hosts";
export const lockFile = "/run/lock/pulumi-nspawn-hosts.lock";
export const basesDirectory = cacheDirectory("hosts");

export const hostDirectory = (name: string): string => join(stateDirectory, "hosts", name);
export const script = (name: string): string => join(__dirname, name);

/**
 * The hosts' own network on the outer machine. 198.18.0.0/15 is reserved for tests (RFC 2544): it cannot be the network
 * of the outer machine, nor one that networkd gives to nspawn machines by itself.
 */
export const network = {
  bridge: "pnspawn0",
  table: "pulumi-nspawn-hosts",
  prefix: "198.18.240",
  gateway: "198.18.240.1",
  veth: (slot: number): string => `pnspawn-${slot}`,
  address: (slot: number): string => `198.18.240.${slot}`,
  mac: (slot: number): string => `02:70:6e:00:00:${slot.toString(16).padStart(2, "0")}`,
} as const;
