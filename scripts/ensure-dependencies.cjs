// Runs `npm ci` where it has not been run since the lock file changed, so that `npm test` works in a fresh clone.
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const lock = join(root, "package-lock.json");
const stamp = join(root, "node_modules", ".package-lock.json");
const built = join(root, "dist", "index.js");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  console.error(`Node ${process.versions.node} is too old: pulumi-nspawn needs Node 20.17 or newer.`);
  process.exit(1);
}
if (!existsSync(stamp) || statSync(stamp).mtimeMs < statSync(lock).mtimeMs) npm(["ci", "--no-audit", "--no-fund"]);
else if (!existsSync(built) || process.argv.includes("--build")) npm(["run", "--silent", "prepare"]);

function npm(args) {
  console.error(`${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).name}: npm ${args.join(" ")} …`);
  const { status } = spawnSync("npm", args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
