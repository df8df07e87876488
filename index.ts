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
export * from "./provider/resources/all";
export type { DeepInput } from "./provider/resources/deep-input";
export type {
  NspawnExecSettings,
  NspawnFilesSettings,
  NspawnNetworkSettings,
  NspawnSettings,
  NspawnSettingsLines,
} from "./provider/resources/nspawn-machine/settings-types";
export type { HostInput, HostRef } from "./provider/resources/on-host";
export type { Timeouts } from "./provider/resources/timeouts";
