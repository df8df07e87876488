import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Builds the package once, since Pulumi programs and the provider process load it as its users do. */
export default function setup(): void {
  execFileSync("npm", ["run", "--silent", "prepare"], { cwd: join(__dirname, ".."), stdio: "inherit" });
}
