export {
  DevBox,
  type DevBoxAptSource,
  type DevBoxArgs,
  type DevBoxDotfiles,
  type DevBoxHook,
  type DevBoxHooks,
  type DevBoxPort,
  type DevBoxRepository,
  type DevBoxUser,
  type OpenPort,
} from "./constructs/dev-box";
export { adoptingProgramOf } from "./provider/adoption";
export type { Connection, ConnectionInput, Credentials, JumpHost } from "./provider/remote";
export {
  BindMount,
  type BindMountArgs,
  type BindMountRef,
  type CreateDirectory,
} from "./provider/resources/bind-mount";
export {
  BridgeAttachment,
  type BridgeAttachmentArgs,
  type BridgeCreateArgs,
  type BridgePortArgs,
} from "./provider/resources/bridge-attachment";
export { DebianRootfs, type DebianRootfsArgs, type RootfsFile } from "./provider/resources/debian-rootfs";
export type { DeepInput } from "./provider/resources/deep-input";
export { Host, type HostArgs } from "./provider/resources/host";
export {
  type Dependency,
  type Device,
  type InaccessibleMount,
  type IoLimits,
  type Limits,
  type MachineRef,
  type MountInput,
  NspawnMachine,
  type NspawnMachineArgs,
  type OverlayMount,
  type PrivateUsers,
  type Restart,
  type RootfsRef,
  type TmpfsMount,
} from "./provider/resources/nspawn-machine";
export type {
  NspawnExecSettings,
  NspawnFilesSettings,
  NspawnNetworkSettings,
  NspawnSettings,
  NspawnSettingsLines,
} from "./provider/resources/nspawn-machine/settings";
export type { HostInput, HostRef } from "./provider/resources/on-host";
export {
  type KeysFrom,
  Provision,
  type ProvisionArgs,
  type ProvisionCommand,
  type ProvisionFile,
  type ProvisionRepository,
  type ProvisionStep,
  type ProvisionUser,
} from "./provider/resources/provision";
export type { Timeouts } from "./provider/resources/timeouts";
export {
  type PortMapping,
  type VethAttachArgs,
  VethNetwork,
  type VethNetworkArgs,
} from "./provider/resources/veth-network";
