import { execFileSync } from "node:child_process";
import { ensurePulumi } from "../scripts/tools/pulumi";
import { canRunHosts } from "./hosts";
import { root } from "./root";

/** What all tests share is made once, before any of them runs: the built package and the Pulumi CLI. */
export default async function setup(): Promise<void> {
  const possible = canRunHosts();
  if (!possible.ok) throw new Error(`the tests run on real hosts that they make themselves: ${possible.reason}`);
  execFileSync("npm", ["run", "--silent", "prepare"], { cwd: root, stdio: "inherit" });
  await ensurePulumi((line) => console.error(line));
}
