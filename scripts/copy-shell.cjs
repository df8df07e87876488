// Puts the shell libraries beside what was compiled; the compiler takes TypeScript only.
const { cpSync } = require("node:fs");
const { join } = require("node:path");

const directory = join("provider", "host", "sh");
const root = join(__dirname, "..");
cpSync(join(root, directory), join(root, "dist", directory), {
  recursive: true,
  filter: (path) => !path.endsWith(".ts"),
});
