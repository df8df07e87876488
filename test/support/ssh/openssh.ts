import { execFileSync } from "node:child_process";
import { ensureDebianPackages } from "../../../scripts/tools/debian-packages";

/** Makes sure that the real ssh and sshd are installed. */
export async function ensureOpenSsh(): Promise<void> {
  await ensureDebianPackages(["openssh-client", "openssh-server"], console.log);
}

/** What `ssh -G` says about a host: each keyword with all its lines. */
export function sshG(file: string, host: string): Map<string, string[]> {
  const output = execFileSync("ssh", ["-T", "-G", "-F", file, "--", host], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const values = new Map<string, string[]>();
  for (const line of output.split("\n")) {
    const [, keyword = "", value = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    values.set(keyword, [...(values.get(keyword) ?? []), value]);
  }
  return values;
}
