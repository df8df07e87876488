import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import type { Directory } from "./directory";

/** A real ssh-agent for one test. */
export interface TestAgent {
  readonly socket: string;
  /** Adds a key file, and the certificate next to it. */
  add(file: string, passphrase?: string): void;
  stop(): void;
}

export async function startAgent(directory: Directory): Promise<TestAgent> {
  const socket = directory.join("agent.sock");
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  return {
    socket,
    add(file, passphrase = "") {
      const ask = directory.write("askpass", `#!/bin/sh\necho '${passphrase}'\n`, 0o700);
      const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: "force" };
      execFileSync("ssh-add", ["-q", file], { env, stdio: ["ignore", "ignore", "pipe"] });
    },
    stop: () => child.kill(),
  };
}
