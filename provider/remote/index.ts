export { type Answer, first } from "./answers";
export {
  type Connection,
  type ConnectionInput,
  connectionSchema,
  describeHost,
  type JumpHost,
  parseHost,
} from "./connection";
export { type Credentials, credentialsSchema, setDefaultCredentials } from "./credentials";
export {
  AuthenticationError,
  CommandError,
  DeadlineError,
  HostError,
  type HostErrorParts,
  HostKeyError,
  RefusedError,
  UnreachableError,
} from "./errors";
export { connectionCount, dialCount } from "./pool";
export { type RunOptions, run, type Target } from "./run";
export { lines, Script, sh } from "./script";
export { closeAll } from "./ssh-place";
