import { z } from "zod";
import { NSPAWN_SETTINGS, SECTIONS, type SectionName, type TypedSetting } from "../../provider/systemd/nspawn-settings";

/** The interface of `settings`, as TypeScript. Its types come from the schemas, its docstrings from the table. */
export function settingsInterface(): string {
  const interfaces = SECTIONS.map(
    (section) => `
      /** Keys of \`[${section}]\` in systemd.nspawn(5), each with the version of systemd that introduced it. */
      export interface Nspawn${section}Settings {
        ${typed(section).map(property).join("\n")}
      }`,
  );
  return `
    // Written by \`npm run docs\`.
    import type * as pulumi from "@pulumi/pulumi";
    ${interfaces.join("\n")}

    /** Keys of systemd.nspawn(5) under their own names, by section. A change restarts the machine. */
    export interface NspawnSettings {
      ${SECTIONS.map((name) => `${doc(`Keys of \`[${name}]\`. @default none`)} readonly ${name}?: pulumi.Input<Nspawn${name}Settings>;`).join("\n")}
      /** Lines for keys that this version of the library does not know, exactly as in the file. @default none */
      readonly lines?: pulumi.Input<NspawnSettingsLines>;
    }

    /** Lines \`Key=VALUE\` of a \`.nspawn\` file, by section. */
    export interface NspawnSettingsLines {
      ${SECTIONS.map((name) => `${doc(`Lines of \`[${name}]\`. @default none`)} readonly ${name}?: pulumi.Input<pulumi.Input<string>[]>;`).join("\n")}
    }
  `;
}

export function typed(section: SectionName): TypedSetting[] {
  return NSPAWN_SETTINGS.filter((setting): setting is TypedSetting => setting.instead === undefined).filter(
    (setting) => setting.section === section,
  );
}

function property(setting: TypedSetting): string {
  const { key, does, since, kind } = setting;
  const type = typeOf(z.toJSONSchema(kind.schema, { io: "input" }));
  const takes = type.includes("string") || type.includes("number") ? ` Takes ${kind.takes}.` : "";
  return `${doc(`${does}${takes} From systemd ${since}. @default ${setting.default}`)} readonly ${key}?: pulumi.Input<${type}>;`;
}

function doc(text: string): string {
  return `/** ${text} */\n`;
}

/** The type of a JSON schema; items of a list may be outputs too. */
function typeOf(schema: z.core.JSONSchema._JSONSchema): string {
  if (typeof schema === "boolean") throw new TypeError("a setting of any type");
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array" && typeof schema.items === "object" && !Array.isArray(schema.items)) {
    return `pulumi.Input<${typeOf(schema.items)}>[]`;
  }
  // zod writes a union of plain types as a list of them, which its own types do not cover.
  return [schema.type ?? "unknown"].flat().map(plainType).join(" | ");
}

function plainType(name: string): string {
  if (name === "integer") return "number";
  if (["boolean", "number", "string"].includes(name)) return name;
  throw new TypeError(`a setting of the type ${name}`);
}
