import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tryCommand } from "../../../scripts/tools/command";
import { root } from "../../support/root";

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "layers-"));
  copyFileSync(join(root, "biome.json"), join(copy, "biome.json"));
  copyFileSync(join(root, ".gitignore"), join(copy, ".gitignore"));
});
afterEach(() => rmSync(copy, { recursive: true }));

/** The output of `npm run check` for these files. */
async function lint(files: Readonly<Record<string, string>>, reporter = "default"): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const { stdout, stderr } = await tryCommand(process.execPath, [biome, "lint", `--reporter=${reporter}`, "."], {
    cwd: copy,
  });
  return stdout + stderr;
}

const value = "export const value = 1;\n";
const importing = (path: string) => `import { value } from "${path}";\nexport const other = value;\n`;

const forbidden = [
  ["provider/systemd/unit.ts", "../host/facts", "provider/host/facts.ts"],
  ["provider/nftables/table.ts", "../remote", "provider/remote/index.ts"],
  ["provider/remote/run.ts", "../host/facts", "provider/host/facts.ts"],
  ["provider/dynamic/check.ts", "../host/facts", "provider/host/facts.ts"],
  ["provider/host/roots/create-root.ts", "../../resources/host", "provider/resources/host.ts"],
  ["provider/host/facts.ts", "../remote/script/script", "provider/remote/script/script.ts"],
  ["provider/resources/host.ts", "../../constructs/box", "constructs/box.ts"],
  ["constructs/box.ts", "../provider/host/facts", "provider/host/facts.ts"],
] as const;

let complaints: Promise<string> | undefined;
/** The output for all of them at once, since the linter's start takes most of the time. */
function complaintsOfAll(): Promise<string> {
  const targets = forbidden.map(([, , target]) => [target, value]);
  const sources = forbidden.map(([path, imported]) => [path, importing(imported)]);
  complaints ??= lint(Object.fromEntries([...targets, ...sources]), "github");
  return complaints;
}

test.each(forbidden)("%s may not import %s", async (path) => {
  const found = new RegExp(`lint/style/noRestrictedImports,file=\\S*/${path},`);
  expect(await complaintsOfAll()).toMatch(found);
});

test("allowed imports are not refused", async () => {
  const files = {
    "provider/resources/host.ts": importing("../host/facts"),
    "provider/host/facts.ts": importing("../remote"),
    "provider/remote/index.ts": value,
  };
  expect(await lint(files)).toContain("No fixes applied");
});

test("an import cycle is refused, even of types", async () => {
  const files = {
    "provider/host/one.ts": 'import type { Two } from "./two";\nexport type One = Two[] | 1;\n',
    "provider/host/two.ts": 'import type { One } from "./one";\nexport type Two = One[] | 2;\n',
  };
  expect(await lint(files)).toContain("noImportCycles");
});
