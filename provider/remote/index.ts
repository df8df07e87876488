export {
  type Connection,
  type ConnectionInput,
  connectionSchema,
  describeHost,
  hostSchema,
  type JumpHost,
  parseHost,
} from "./connection/connection";
export { type Credentials, credentialsSchema, setDefaultCredentials } from "./connection/credentials";
export {
  AuthenticationError,
  CommandError,
  ConnectionLostError,
  DeadlineError,
  HostError,
  type HostErrorParts,
  HostKeyError,
  RefusedError,
  UnreachableError,
} from "./errors/host-error";
export { showNotes } from "./errors/note";
export { messageOf } from "./errors/unknown-error";
export { visible } from "./errors/visible";
export { knownHostsLine, publicKeyIn } from "./host-keys/write-known-hosts";
export { formatPublicKey, type PublicKey } from "./keys/public-key";
export { type RunOptions, run, type Target, targetKey } from "./run";
export { type Answer, first, parseAnswer, prelude } from "./script/answers";
export { DISK_LINE, printDisks } from "./script/disks";
export { guestLines, hostLines, plainLines } from "./script/guest-lines";
export { readLibrary, withoutComments } from "./script/library";
export { lines, Script, type ShellLibrary, sh, type Word, withLibraries } from "./script/script";
export { closeAll } from "./ssh/endpoint";
export { connectionCount, dialCount } from "./ssh/pool";
export {
  argument,
  commandLine,
  type Hop,
  hostArgument,
  jumpArgument,
  plainArgument,
  sshConfigEntry,
  userArgument,
} from "./ssh-config/write";
