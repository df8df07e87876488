import { z } from "zod";
import { effect } from "../../../provider/dynamic";
import { effectsOf } from "../../../scripts/docs/effects";
import { inputRows } from "../../../scripts/docs/inputs";
import { versionOf } from "../../../scripts/docs/versions";

describe("the reference of a class", () => {
  const property = (name: string) => ({
    name,
    summary: name,
    optional: true,
    fallback: "",
    type: () => "",
    members: [],
  });
  const args = { name: "BoxArgs", summary: "", tag: () => "", properties: [property("size"), property("name")] };
  const inputs = { size: effect("live", z.number()), name: effect("replace", z.string()) };

  test("has every input with the effect of its change", () => {
    const rows = inputRows({ kind: "Box", inputs: z.object(inputs) }, args);
    expect(rows.map(({ name, effect: told }) => [name, told])).toEqual([
      ["size", "live"],
      ["name", "replace"],
    ]);
  });

  test("is not written if the schema and the interface have different inputs", () => {
    const more = z.object({ ...inputs, colour: effect("live", z.string()) });
    expect(() => inputRows({ kind: "Box", inputs: more }, args)).toThrow(
      /"colour" is in the schema of Box but not in BoxArgs/,
    );
    const less = z.object({ size: inputs.size });
    expect(() => inputRows({ kind: "Box", inputs: less }, args)).toThrow(/"name" is in BoxArgs but not in the schema/);
    expect(() => inputRows({ kind: "Box", inputs: z.object({}) }, { ...args, properties: [] }, ["made"])).toThrow(
      /"made" is not in the schema of Box/,
    );
  });

  test("is not written if an effect depends on the value and is not described", () => {
    const depends = (before: unknown, after: unknown) => (before === after ? "state" : "replace");
    const schema = z.object({ size: effect(depends, z.number()) });
    expect(() => effectsOf({ kind: "Box", inputs: schema })).toThrow(
      /the effect of "size" of Box depends on its values/,
    );
  });

  test("has the version of systemd that a value needs, as the machine checks it", () => {
    expect(versionOf("NspawnMachine", "privateUsers")).toBe("`identity` 252, `managed` 262");
    expect(versionOf("BindMount", "ownership")).toMatch(/`owneridmap` 256$/);
    expect(versionOf("NspawnMachine", "hostname")).toBe("");
  });
});
