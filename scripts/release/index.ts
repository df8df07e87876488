import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { released } from "./changelog";

// `npm version` runs this with the new version in the environment, before it commits (npm-version(1)).
const version = process.env.npm_package_version;
if (version === undefined) throw new Error("run it with `npm version minor`");
const file = join(__dirname, "../../CHANGELOG.md");
writeFileSync(file, released(readFileSync(file, "utf8"), version, new Date().toISOString().slice(0, 10)));
