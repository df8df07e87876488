// Copies the shell libraries next to the compiled files, because the compiler handles only TypeScript.
const { cpSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
for (const directory of [join("provider", "host", "sh"), join("provider", "remote", "script")]) {
  cpSync(join(root, directory), join(root, "dist", directory), {
    recursive: true,
    filter: (path) => !path.endsWith(".ts"),
  });
}
