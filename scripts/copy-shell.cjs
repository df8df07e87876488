// Copies the shell libraries next to the compiled files, because the compiler handles only TypeScript.
const { cpSync } = require("node:fs");
const { join } = require("node:path");

const directory = join("provider", "host", "sh");
const root = join(__dirname, "..");
cpSync(join(root, directory), join(root, "dist", directory), {
  recursive: true,
  filter: (path) => !path.endsWith(".ts"),
});
