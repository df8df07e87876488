import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../support/root";

let clone: string;
let link: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "link-self-"));
  link = join(clone, "node_modules/pulumi-nspawn");
  mkdirSync(join(clone, "scripts"));
  cpSync(join(root, "scripts/link-self.cjs"), join(clone, "scripts/link-self.cjs"));
  writeFileSync(
    join(clone, "package.json"),
    '{ "name": "pulumi-nspawn", "exports": { "./provider": "./provider/index.js" } }',
  );
});

afterEach(() => {
  rmSync(clone, { recursive: true });
});

function run(): void {
  execFileSync(process.execPath, [join(clone, "scripts/link-self.cjs")]);
}

test("programs in a clone can require the package by its name, after one run or several", () => {
  mkdirSync(join(clone, "provider"));
  mkdirSync(join(clone, "examples"));
  writeFileSync(join(clone, "provider/index.js"), "module.exports = 'found';");
  writeFileSync(join(clone, "examples/program.js"), "console.log(require('pulumi-nspawn/provider'));");
  run();
  run();
  expect(readlinkSync(link)).toBe("..");
  expect(execFileSync(process.execPath, [join(clone, "examples/program.js")]).toString()).toBe("found\n");
});

test("a link that leads elsewhere is corrected", () => {
  mkdirSync(join(clone, "provider"));
  mkdirSync(join(clone, "node_modules"));
  symlinkSync("/nowhere", link);
  run();
  expect(readlinkSync(link)).toBe("..");
});

test("an installed package is left as it is", () => {
  run();
  expect(existsSync(join(clone, "node_modules"))).toBe(false);
});
