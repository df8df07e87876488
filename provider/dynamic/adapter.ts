import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import { messageOf, UnreachableError, visible } from "../remote";
import { checkWithAdoption } from "./adoption";
import { explainAll, onlyKeys } from "./check";
import { type Context, type ResourceDefinition, UnfinishedError } from "./definition";
import { changes, label, needsRepair, replacements, UNFINISHED, withoutEmptyDrift } from "./diff";
import { messageOfIssue } from "./issues";
import { flush, log } from "./messages";
import { policyFor } from "./policy";
import { clearStatus, progress } from "./progress";
import { marked, secretsIn } from "./secrets";
import { isRecord } from "./unknown";

type Bag = Record<string, unknown>;

/** Adapts a lifecycle to Pulumi's dynamic provider. The engine's quirks are handled only here. */
export function adapt<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
): pulumi.dynamic.ResourceProvider {
  const { check, diff, create, update, read, delete: remove } = methods(definition);
  return {
    check: (olds, news) => thenDelivered(check(olds, news)),
    diff: (id, olds, news) => thenDelivered(diff(id, olds, news)),
    create: (news) => thenDelivered(create(news)),
    update: (id, olds, news) => thenDelivered(update(id, olds, news)),
    read: (id, props) => thenDelivered(read(id, props)),
    delete: (id, props) => thenDelivered(remove(id, props)),
  };
}

async function thenDelivered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    await flush();
  }
}

function methods<I extends object, O extends object>(definition: ResourceDefinition<I, O>) {
  return {
    check: async (olds: Bag, news: Bag) => {
      const before = current(definition, olds);
      const { inputs, failures, notes } = await checkWithAdoption(definition, before, news);
      const warnings = failures.length > 0 ? [] : (definition.warnings?.(inputs, before) ?? []);
      for (const warning of warnings) log(urnOf(news), warning, "warning");
      for (const note of notes) log(urnOf(news), note, "info");
      return {
        inputs: marked(definition.derived ?? {}, inputs),
        failures: failures.map(({ property, reason }) => ({ property, reason: visible(reason) })),
      };
    },

    diff: async (_id: string, olds: Bag, news: Bag) => {
      const state = current(definition, olds);
      const found = changes(definition, state, news);
      const text = label(found, state);
      if (text !== undefined) log(urnOf(news), text, "info");
      return {
        changes: found.length > 0 || needsRepair(state) || recordMoved(olds, news),
        replaces: replacements(found),
      };
    },

    create: async (news: Bag) => {
      const inputs = parseInputs(definition, news);
      try {
        const { id, outputs } = await definition.create(inputs, contextOf(news));
        clearStatus(urnOf(news));
        return { id, outs: state(definition, news, outputs) };
      } catch (error) {
        throw unfinished(definition, news, error);
      }
    },

    update: async (id: string, olds: Bag, news: Bag) => {
      const before = current(definition, olds);
      const outputs = parseOutputs(definition, before);
      const inputs = parseInputs(definition, news);
      const found = changes(definition, before, news);
      const recordOnly = !needsRepair(before) && found.every((change) => change.effect === "state");
      if (recordOnly && (found.length > 0 || recordMoved(olds, news)))
        return { outs: state(definition, news, outputs) };
      try {
        const updated = await definition.update(id, parseState(definition, before), inputs, contextOf(news));
        clearStatus(urnOf(news));
        return { outs: state(definition, news, updated) };
      } catch (error) {
        throw unfinished(definition, news, error);
      }
    },

    read: async (id: string, props: Bag = {}) => {
      const before = current(definition, props);
      try {
        const found = await definition.read(id, parseState(definition, before), contextOf(props));
        if (found === "gone") return { id: "", props: {} };
        const now = withoutEmptyDrift({ ...before, ...clean(definition, found) });
        return { id, props: marked(definition.derived ?? {}, now) };
      } catch (error) {
        if (!(error instanceof UnreachableError) || policyFor(before) === "fail") throw quiet(error);
        log(urnOf(props), `${error.message} The last known state is kept, because of onUnreachable.`, "warning");
        return { id, props: before };
      }
    },

    delete: async (id: string, props: Bag) => {
      const before = current(definition, props);
      try {
        await definition.delete(id, parseState(definition, before), contextOf(props));
      } catch (error) {
        if (!(error instanceof UnreachableError) || policyFor(before) !== "forget") throw quiet(error);
        log(
          urnOf(props),
          `${error.message} It is forgotten, because of onUnreachable; what is on the host stays.`,
          "warning",
        );
      }
    },
  };
}

/** State in this version's format; newer state is refused. */
function current<I extends object, O extends object>(definition: ResourceDefinition<I, O>, bag: Bag): Bag {
  const version = typeof bag._v === "number" ? bag._v : definition.version;
  if (version > definition.version) {
    throw quiet(
      new Error(
        `the state of this ${definition.kind} was written by a newer pulumi-nspawn: it has schema version ${version}, and ` +
          `the installed package knows up to ${definition.version}. Update the package: npm install pulumi-nspawn@latest.`,
      ),
    );
  }
  if (version === definition.version || definition.migrate === undefined) return bag;
  return { ...definition.migrate(bag, version), _v: definition.version };
}

function parseInputs<I extends object, O extends object>(definition: ResourceDefinition<I, O>, bag: Bag): I {
  const result = definition.inputs.safeParse(onlyKeys(bag, definition.inputs.shape), { error: messageOfIssue });
  if (result.success) return result.data;
  throw quiet(new Error(`the inputs of this ${definition.kind} cannot be used: ${explainAll(result.error.issues)}`));
}

function parseOutputs<I extends object, O extends object>(definition: ResourceDefinition<I, O>, bag: Bag): O {
  return definition.outputs.parse(bag);
}

function parseState<I extends object, O extends object>(definition: ResourceDefinition<I, O>, bag: Bag): I & O {
  return { ...parseInputs(definition, bag), ...parseOutputs(definition, bag) };
}

function state<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
  news: Bag,
  outputs: object,
): Bag {
  return marked(definition.derived ?? {}, { ...news, ...clean(definition, outputs), _v: definition.version });
}

/**
 * JSON drops `undefined`. Anything else that JSON cannot represent would orphan the object just created. Previews and
 * `pulumi stack output` print state as it is, and what only the host knows may be a guest's text, so that is made
 * visible. Inputs stay as the program has them.
 */
function clean<I extends object, O extends object>(definition: ResourceDefinition<I, O>, outputs: object): Bag {
  const copy: unknown = JSON.parse(JSON.stringify(outputs));
  if (!isRecord(copy)) return {};
  const { shape } = definition.inputs;
  return Object.fromEntries(
    Object.entries(copy).map(([key, value]) => [key, key in shape ? value : visibleWithin(value)]),
  );
}

function visibleWithin(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(visibleWithin);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [visible(key), visibleWithin(one)]));
}

function unfinished<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
  news: Bag,
  error: unknown,
): Error {
  if (!(error instanceof UnfinishedError)) return quiet(error);
  const message = visible(error.message);
  return Object.assign(new Error(message), {
    id: error.id,
    properties: state(definition, news, { ...error.outputs, [UNFINISHED]: true }),
    reasons: [message],
  });
}

/** The SDK prints an error's stack next to its message, which is noise for users. Anyone may have written the message. */
function quiet(error: unknown): Error {
  const result = error instanceof Error ? error : new Error(messageOf(error));
  const message = visible(result.message);
  if (message !== result.message) result.message = message;
  result.stack = process.env.PULUMI_NSPAWN_DEBUG === undefined ? "" : visible(result.stack ?? "");
  return result;
}

/** Whether only the record of a resource has to change: its URN, or which of its inputs are secret. */
function recordMoved(olds: Bag, news: Bag): boolean {
  return urnOf(olds) !== urnOf(news) || !isDeepStrictEqual(secretsIn(olds), secretsIn(news));
}

function urnOf(bag: Bag): string {
  return typeof bag.__urn === "string" ? bag.__urn : "";
}

function contextOf(bag: Bag): Context {
  const urn = urnOf(bag);
  return {
    urn,
    secretInputs: secretsIn(bag),
    progress: (text) => progress(urn, text),
    note: (text) => log(urn, text, "info"),
    warn: (text) => log(urn, text, "warning"),
  };
}
