export { adapt } from "./adapter";
export { defineResource, type ResourceHandler } from "./define";
export { type Adoption, type Context, type Created, type ResourceDefinition, UnfinishedError } from "./definition";
export { EFFECTS, type Effect, effect, effectOf } from "./effects";
export { engineIsGone, engineIsThere } from "./engine";
export { log } from "./messages";
export { type OnUnreachable, POLICIES, policyFor, setPolicy } from "./policy";
export { NspawnResource } from "./resource";
export { holdsUnknown, isRecord, UNKNOWN } from "./unknown";
