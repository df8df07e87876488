import type { ResourceDefinition } from "../../provider/dynamic";
import * as resources from "../../provider/resources/all";
import { type Declaration, Declarations, type Property } from "./declarations";
import { MEANINGS } from "./effects";
import { inputRows, withMembers } from "./inputs";
import { table } from "./table";
import { versionOf } from "./versions";

interface Page {
  /** The name of the class. */
  readonly kind: string;
  /** The handler of a resource. A component has none; a change of it is a change of its parts. */
  readonly handler?: Pick<ResourceDefinition<object, object>, "kind" | "inputs">;
  /** Interfaces that its methods take. */
  readonly also?: readonly string[];
  /** Inputs of the schema that no program gives, because they are derived from others. */
  readonly made?: readonly string[];
}

/** What a reader meets first. Other classes follow in alphabetical order. */
const FIRST = ["Host", "DebianRootfs", "NspawnMachine", "VethNetwork", "BridgeAttachment", "BindMount", "Provision"];

const MORE: Readonly<Record<string, Pick<Page, "also" | "made">>> = {
  NspawnMachine: { made: ["host", "rootName", "adopted"] },
  VethNetwork: { also: ["VethAttachArgs", "PortMapping"] },
  BridgeAttachment: { also: ["BridgePortArgs"] },
  Provision: { made: ["host", "name", "rootfs"] },
};

const PAGES: readonly Page[] = [
  ...Object.values(resources)
    .map(({ handler }) => ({ kind: handler.kind, handler, ...MORE[handler.kind] }))
    .toSorted((one, other) => place(one.kind).localeCompare(place(other.kind))),
  { kind: "DevBox" },
];

function place(kind: string): string {
  const first = FIRST.indexOf(kind);
  return first === -1 ? kind : String(first);
}

/** Types that another one describes, or that have their own page. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["Connection", "Host.md#connectioninput"],
  ["NspawnSettings", "settings.md"],
]);

const CHANGES = "For the effect of a change, see [the overview](README.md#what-a-change-does).";
const CHANGES_OF_PARTS = "A change of an input changes the parts; the preview shows the effect next to each.";

const WRITTEN = "<!-- Written by `npm run docs`. -->";

/**
 * The pages of all classes, and the overview page, by their path in the repository, for everything that this file
 * exports.
 */
export function classReference(entry = "index.ts"): Map<string, string> {
  const declarations = new Declarations(entry);
  const homes = homesOf(declarations);
  const pages = PAGES.map((one) => [pathOf(one), page(one, declarations, homes)] as const);
  return new Map([["docs/reference/README.md", overview(declarations)], ...pages]);
}

function pathOf({ kind }: Page): string {
  return `docs/reference/${kind}.md`;
}

/** The page on which each type is described: the first one that mentions it. */
function homesOf(declarations: Declarations): ReadonlyMap<string, string> {
  const homes = new Map(ELSEWHERE);
  const visit = (name: string, kind: string) => {
    if (homes.has(name)) return;
    homes.set(name, `${kind}.md#${name.toLowerCase()}`);
    for (const property of declarations.of(name).properties) mention(property, kind);
  };
  const mention = (property: Property, kind: string) => {
    for (const name of typesIn(property)) visit(name, kind);
    for (const member of property.members) mention(member, kind);
  };
  for (const { kind, also = [] } of PAGES) {
    for (const property of declarations.of(`${kind}Args`).properties) mention(property, kind);
    for (const name of also) visit(name, kind);
    for (const property of declarations.of(kind).properties) mention(property, kind);
  }
  return homes;
}

function page(described: Page, declarations: Declarations, homes: ReadonlyMap<string, string>): string {
  const { kind } = described;
  const own = declarations.of(kind);
  const link = linkFrom(kind, homes);
  const types = [...homes]
    .filter(([name, home]) => !ELSEWHERE.has(name) && home.startsWith(`${kind}.md#`))
    .map(([name]) => declarations.of(name));
  const sections = [
    `# ${kind}\n\n${WRITTEN}`,
    own.summary,
    own.tag("example"),
    `It fails ${own.tag("throws")}`,
    `## Inputs\n\nEach also accepts an Output. ${described.handler ? CHANGES : CHANGES_OF_PARTS}`,
    inputs(described, declarations, link).trimEnd(),
    `## Outputs\n\nIn addition to these it has ${described.handler ? "the `id` and the `urn` of every resource" : "the `urn` of every component"}.`,
    table(
      ["output", "type", "what it is"],
      own.properties.map((one) => [`\`${one.name}\``, one.type(link), flat(one.summary)]),
    ).trimEnd(),
    ...types.map((type) => `## ${type.name}\n\n${type.summary}\n\n${properties(type, link).trimEnd()}`),
  ];
  return `${sections.join("\n\n")}\n`;
}

function inputs(described: Page, declarations: Declarations, link: (name: string) => string): string {
  const { kind, handler, made } = described;
  const args = declarations.of(`${kind}Args`);
  if (handler === undefined) return properties(args, link);
  const rows = inputRows(handler, args, made);
  const versions = rows.map(({ name }) => versionOf(kind, name));
  const some = versions.some((version) => version !== "");
  return table(
    ["input", "takes", "default", "change", ...(some ? ["systemd"] : []), "what for"],
    rows.map((row, index) => [
      `\`${row.name}\``,
      row.type(link),
      fallbackOf(row),
      row.effect,
      ...(some ? [versions[index] ?? ""] : []),
      flat(row.summary === "" ? summaryOfType(row, declarations) : row.summary),
    ]),
  );
}

function properties({ properties: all }: Declaration, link: (name: string) => string): string {
  return table(
    ["key", "takes", "default", "what for"],
    all.flatMap(withMembers).map((row) => [`\`${row.name}\``, row.type(link), fallbackOf(row), flat(row.summary)]),
  );
}

function overview(declarations: Declarations): string {
  const kinds = PAGES.map(({ kind }) => kind);
  const first = (text: string) => /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/:$/, ".") ?? text;
  const classes = kinds.map((kind) => [`[${kind}](${kind}.md)`, flat(first(declarations.of(kind).summary))]);
  const effects = Object.entries(MEANINGS).map(([effect, meaning]) => [`\`${effect}\``, meaning]);
  return `# Reference

${WRITTEN}

${table(["class", "what it is"], classes)}
[Settings](settings.md) lists every key of systemd.nspawn(5) that a machine accepts in \`settings\`.

## What a change does

A preview shows it next to the resource, except for \`state\`, which is not shown.

${table(["change", "what happens"], effects)}
A machine's networks, bridges and mounts are inputs of the machine too: another \`target\` of a \`BindMount\` is \`state\` there,
and \`restart\` for each machine that has it.
`;
}

function linkFrom(kind: string, homes: ReadonlyMap<string, string>): (name: string) => string {
  return (name) => {
    const home = homes.get(name);
    if (home === undefined) throw new Error(`the type "${name}" is not described anywhere`);
    return home.startsWith(`${kind}.md#`) ? home.slice(`${kind}.md`.length) : home;
  };
}

function fallbackOf({ optional, fallback }: Property): string {
  if (fallback !== "") return flat(fallback);
  return optional ? "" : "required";
}

/** The described types that a property mentions. */
function typesIn(property: Property): string[] {
  const names: string[] = [];
  property.type((name) => {
    names.push(name);
    return "";
  });
  return names;
}

/** The summary of a type, for a property without one of its own. */
function summaryOfType(property: Property, declarations: Declarations): string {
  return typesIn(property)
    .map((name) => declarations.of(name).summary)
    .join(" ");
}

/** Text on one line, for a table cell. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}
