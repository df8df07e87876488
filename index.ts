export { adoptingProgramOf } from "./provider/adoption";
export type { Connection, ConnectionInput, Credentials, JumpHost } from "./provider/remote";
export { DebianRootfs, type DebianRootfsArgs, type RootfsFile } from "./provider/resources/debian-rootfs";
export { Host, type HostArgs } from "./provider/resources/host";
export {
  type IoLimits,
  type Limits,
  NspawnMachine,
  type NspawnMachineArgs,
  type RootfsRef,
} from "./provider/resources/nspawn-machine";
export type { HostInput, HostRef } from "./provider/resources/on-host";
export type { Timeouts } from "./provider/resources/timeouts";
