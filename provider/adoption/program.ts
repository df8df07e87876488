import { inspect } from "node:util";
import { isRecord } from "../dynamic";
import type { Adoptable } from "../host/adoptable";
import { visible } from "../remote";
import { SUITES } from "../resources/debian-rootfs/rootfs-values";
import { unadoptable } from "../resources/nspawn-machine/adopt-machine";
import { machineFiles } from "../resources/nspawn-machine/machine-files";
import { machineInputs } from "../resources/nspawn-machine/machine-inputs";
import { capabilityItems } from "../systemd/entry-items";
import { brokenRule } from "../systemd/names";
import { nspawnFilePath } from "../systemd/nspawn-file";
import { parseNspawnWords } from "../systemd/nspawn-words";
import { type Entry, RESET } from "../systemd/settings-file";
import { parseEntries } from "../systemd/settings-parser";

/** A TypeScript program that adopts machines of a host without changing them. */
export function adoptingProgram(connection: string, machines: readonly Adoptable[]): string {
  const names = new Identifiers(["host", "nspawn"]);
  const blocks = machines.map((machine) => {
    const reason = unfit(machine);
    return reason === undefined
      ? block(machine, names)
      : comment(`${JSON.stringify(machine.name)} is left out: ${reason}.`);
  });
  const head = [
    "// What is on the host now. The first preview shows that adopting it changes nothing; `protect` keeps a destroy from removing it.",
    'import * as nspawn from "pulumi-nspawn";',
    "",
    `const host = new nspawn.Host(${literal(hostName(connection))}, { connection: ${literal(connection)} });`,
  ];
  return `${[head.join("\n"), ...blocks].join("\n\n")}\n`;
}

function unfit(machine: Adoptable): string | undefined {
  const { name, root } = machine;
  const broken = brokenRule(name);
  if (broken !== undefined) return `a machine cannot have that name: ${broken}`;
  const refusal = unadoptable(machine)?.replace(/\.$/, "");
  if (refusal !== undefined) return refusal;
  if (root?.unreadable !== undefined) return root.unreadable;
  if (!SUITES.some((suite) => suite === root?.osRelease.codename)) return "it is not a known Debian release";
  return undefined;
}

function block(machine: Adoptable, names: Identifiers): string {
  const { name, root, settings } = machine;
  const text = settings?.text ?? "";
  const inputs = spelledInputs(machine, text);
  const kept = keptEntries(text, inputs);
  const rootName = names.take(`${name}-root`);
  const suite = root?.osRelease.codename ?? "";
  const rest = {
    ...inputs,
    ...(machine.running ? {} : { running: false }),
    ...(machine.autostart ? {} : { autostart: false }),
  };
  return [
    comment(root?.osRelease.prettyName ?? ""),
    `const ${rootName} = new nspawn.DebianRootfs(${literal(name)}, { host, suite: ${literal(suite)}, adopt: true }, { protect: true });`,
    ...(kept.length > 0
      ? [
          "// Stays as it is in the .nspawn file, because no input here sets it:",
          ...kept.map((line) => comment(`  ${line}`)),
        ]
      : []),
    `export const ${names.take(`${name}-machine`)} = new nspawn.NspawnMachine(`,
    `  ${literal(name)},`,
    `  { rootfs: ${rootName}, ${Object.entries(rest)
      .map(([key, value]) => `${key}: ${literal(value)}, `)
      .join("")}adopt: true },`,
    "  { protect: true },",
    ");",
  ].join("\n");
}

const PRIVATE_USERS: ReadonlyMap<string, boolean> = new Map([
  ["no", false],
  ["pick", true],
]);

/** Inputs that describe what is there. Each is used only if the file stays exactly the same with it. */
function spelledInputs({ name }: Adoptable, text: string): Record<string, unknown> {
  const candidates: Record<string, unknown> = {};
  const entries = parseEntries(text);
  for (const { section, key, value } of entries) {
    if (value === RESET || section !== "Exec") continue;
    if (key === "Hostname") candidates.hostname = value;
    if (key === "PrivateUsers") candidates.privateUsers = PRIVATE_USERS.get(value) ?? value;
  }
  const environment = environmentOf(entries);
  if (environment !== undefined) candidates.environment = environment;
  const capabilities = entries.flatMap((entry) => (capabilityItems(entry) ?? []).map(({ text }) => text));
  if (capabilities.length > 0) candidates.capabilities = capabilities;
  const inputs = Object.fromEntries(
    Object.entries(candidates).filter(([key, value]) => fileWith(name, text, { [key]: value }) === text),
  );
  const settings = spelledSettings(name, text, entries);
  return Object.keys(settings).length > 0 ? { ...inputs, settings } : inputs;
}

/** Keys of `settings`, each with the first spelling that means the same. */
function spelledSettings(
  name: string,
  text: string,
  entries: readonly Entry[],
): Record<string, Record<string, unknown>> {
  const settings: Record<string, Record<string, unknown>> = {};
  for (const [section, key] of new Map(
    entries.map((entry) => [qualified(entry), [entry.section, entry.key]] as const),
  ).values()) {
    const values = entries.filter((entry) => entry.section === section && entry.key === key).map(({ value }) => value);
    const spelling = spellings(values).find(
      (value) => fileWith(name, text, { settings: { [section]: { [key]: value } } }) === text,
    );
    if (spelling !== undefined) settings[section] = { ...settings[section], [key]: spelling };
  }
  return settings;
}

function spellings(values: readonly Entry["value"][]): unknown[] {
  const [value] = values;
  if (value === undefined || value === RESET) return [];
  if (values.length > 1) return [values];
  return [YES.test(value), Number(value), value, [value], value.split(/\s+/)];
}

function fileWith(name: string, text: string, inputs: Record<string, unknown>): string | undefined {
  const adopted = { text, running: true, autostart: true, given: Object.keys(inputs) };
  const host = { connection: { host: "local" } };
  const parsed = machineInputs.safeParse({ host, name, rootName: name, rootfs: name, ...inputs, adopted });
  if (!parsed.success) return undefined;
  const { restart, live } = machineFiles(parsed.data).files;
  // A further file would restart the machine, or change it while it runs.
  const isAlone = live.size === 0 && [...restart.keys()].every((path) => path === nspawnFilePath(name));
  return isAlone ? restart.get(nspawnFilePath(name))?.text : undefined;
}

function environmentOf(entries: readonly Entry[]): Record<string, string> | undefined {
  const words = entries.flatMap(({ section, key, value }) =>
    section === "Exec" && key === "Environment" && value !== RESET ? parseNspawnWords(value) : [],
  );
  if (words.length === 0) return undefined;
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
}

const YES = /^(?:1|yes|true|on)$/;

const SAID: Readonly<Record<string, string>> = {
  hostname: "Hostname",
  privateUsers: "PrivateUsers",
  environment: "Environment",
  capabilities: "Capability",
};

/**
 * Entries that stay although nothing in the program mentions them: all except the boot key of every machine and the
 * inputs' own.
 */
function keptEntries(text: string, { settings, ...inputs }: Record<string, unknown>): string[] {
  const said = new Set([
    "Exec.Boot",
    ...Object.keys(inputs).map((input) => `Exec.${SAID[input]}`),
    ...settingsKeys(settings),
  ]);
  return parseEntries(text)
    .filter((entry) => !said.has(qualified(entry)))
    .map(({ section, key, value }) => `[${section}] ${key}=${value === RESET ? "" : value}`);
}

function settingsKeys(settings: unknown): string[] {
  if (!isRecord(settings)) return [];
  return Object.entries(settings).flatMap(([section, keys]) =>
    isRecord(keys) ? Object.keys(keys).map((key) => `${section}.${key}`) : [],
  );
}

function qualified({ section, key }: Entry): string {
  return `${section}.${key}`;
}

/** Text from a guest must neither end the comment nor show another one than it is. */
function comment(text: string): string {
  return `// ${visible(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "))}`;
}

function hostName(connection: string): string {
  return /^(?:ssh:\/\/)?(?:[^@/]*@)?([^:/]+)/.exec(connection)?.[1] ?? "host";
}

/**
 * A JavaScript expression for the value: node's own spelling of plain data. What both spellings leave as it is are
 * characters in strings, where an escape means the same.
 */
function literal(value: unknown): string {
  if (typeof value === "string") return visible(JSON.stringify(value));
  const text = inspect(value, {
    depth: null,
    maxStringLength: null,
    maxArrayLength: null,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
  });
  return visible(text);
}

/** Unique names of variables. */
class Identifiers {
  private readonly taken: Set<string>;

  constructor(reserved: readonly string[]) {
    this.taken = new Set(reserved);
  }

  take(name: string): string {
    const joined = name.replace(/[^A-Za-z0-9]+(.)?/g, (_all, next: string | undefined) => (next ?? "").toUpperCase());
    const first = /^[A-Za-z]/.test(joined) ? joined : `_${joined}`;
    let identifier = first;
    for (let number = 2; this.taken.has(identifier); number++) identifier = `${first}${number}`;
    this.taken.add(identifier);
    return identifier;
  }
}
