export { adapt } from "./adapter";
export { EFFECTS, type Effect, effect, effectOf } from "./effects";
export { type Adoption, type Context, type Created, type Lifecycle, UnfinishedError } from "./lifecycle";
export { type OnUnreachable, POLICIES, setPolicy } from "./policy";
export { NspawnResource } from "./resource";
export { holdsUnknown, isRecord, UNKNOWN } from "./unknown";
