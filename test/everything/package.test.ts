import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Declarations } from "../../scripts/docs/declarations";
import { command } from "../../scripts/tools/command";
import { root } from "../support/root";

test("the tarball holds compiled code, types, shell libraries and documents, and nothing else", async () => {
  const [packed] = JSON.parse(await command("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root }));
  const paths: string[] = packed.files.map(({ path }: { path: string }) => path);
  const sources = await readdir(join(root, "provider"), { recursive: true });
  const shell = sources.filter((path) => path.endsWith(".sh")).map((path) => `dist/provider/${path}`);
  expect(paths.filter((path) => path.endsWith(".sh")).sort()).toEqual(shell.sort());
  const others = paths.filter((path) => !/^dist\/(provider|constructs)\/.+(\.d\.ts|\.js|\.sh)$/.test(path));
  expect(others.sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist/index.d.ts",
    "dist/index.js",
    "package.json",
  ]);
  for (const script of paths.filter((path) => path.endsWith(".js"))) {
    expect(paths).toContain(script.replace(/\.js$/, ".d.ts"));
  }
});

test("publint, attw and knip report nothing", async () => {
  // Without its scripts: a build would replace the code under tests that run at the same time.
  const env = { ...process.env, npm_config_ignore_scripts: "true" };
  expect(await command("npm", ["run", "check:package"], { cwd: root, env })).toContain("All good!");
});

test("the published types document each input and output as the source does", () => {
  const classes = [
    "Host",
    "DebianRootfs",
    "NspawnMachine",
    "VethNetwork",
    "BridgeAttachment",
    "BindMount",
    "Provision",
  ];
  const types = ["ConnectionInput", "JumpHost", "Credentials", "Limits", "IoLimits", "Device", "Restart", "Timeouts"];
  const names = [...classes, "DevBox"].flatMap((name) => [name, `${name}Args`]).concat(types);
  const said = (entry: string) => {
    const declarations = new Declarations(entry);
    return names.map((name) => {
      const properties = declarations.of(name).properties.filter(({ type }) => type(String) !== "`any`");
      return [name, properties.map(({ name: key, summary, fallback }) => [key, summary, fallback].join(" | ")).sort()];
    });
  };
  expect(said("dist/index.d.ts")).toEqual(said("index.ts"));
});
