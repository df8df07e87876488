// Lets programs inside a clone use require("pulumi-nspawn/provider"), as users' programs do: npm does not link a
// package to itself.
const { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const modules = join(root, "node_modules");
const link = join(modules, name);

if (isClone() && !isLinked()) {
  mkdirSync(modules, { recursive: true });
  rmSync(link, { recursive: true, force: true });
  // A junction needs no privileges on Windows; elsewhere the kind is ignored. It cannot be relative.
  symlinkSync(process.platform === "win32" ? root : "..", link, "junction");
}

/** Installed as a dependency, the package is already where programs look for it. */
function isClone() {
  return lstatSync(join(root, "provider"), { throwIfNoEntry: false }) !== undefined;
}

function isLinked() {
  const stat = lstatSync(link, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && readlinkSync(link) === "..";
}
