// Runs `npm ci` if it has not been run since the lock file changed, so that each command works in a fresh clone. With
// `--build`, for a command that uses the built package, it also rebuilds the package if a source is newer.
const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync, readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const lock = join(root, "package-lock.json");
const stamp = join(root, "node_modules", ".package-lock.json");
const built = join(root, "dist", "index.js");
const sources = ["index.ts", "constructs", "provider", "tsconfig.build.json"].map((name) => join(root, name));

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  console.error(`Node ${process.versions.node} is too old: pulumi-nspawn needs Node 20.17 or newer.`);
  process.exit(1);
}
if (!existsSync(stamp) || statSync(stamp).mtimeMs < statSync(lock).mtimeMs) npm(["ci", "--no-audit", "--no-fund"]);
else if (!existsSync(built) || (process.argv.includes("--build") && statSync(built).mtimeMs < newest(sources)))
  npm(["run", "--silent", "prepare"]);

function newest(paths) {
  const times = paths.map((path) => {
    const entry = statSync(path);
    const inside = entry.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    return Math.max(entry.mtimeMs, newest(inside));
  });
  return Math.max(0, ...times);
}

function npm(args) {
  console.error(`${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).name}: npm ${args.join(" ")} …`);
  const { status } = spawnSync("npm", args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
