import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/**
 * The claimant of a stack whose program names a host without a `Host`. It has no place in state to keep a random one, so
 * this is derived from what makes the stack another one: its names, and where its state is. State in files is one
 * person's on one computer.
 */
export function stackClaimant(urn: string): string {
  const [stack = "", project = ""] = urn.replace(/^urn:pulumi:/, "").split("::");
  const backend = backendUrl();
  const place = /^(https?|s3|gs|azblob|postgres):/.test(backend)
    ? [backend]
    : [backend, userInfo().username, hostname()];
  return createHash("sha256")
    .update(JSON.stringify([stack, project, ...place]))
    .digest("hex")
    .slice(0, 16);
}

const loginSchema = z.object({ current: z.string() });

/** Where the Pulumi CLI keeps state: what the environment says, or else what it is logged in to. */
function backendUrl(): string {
  const { PULUMI_BACKEND_URL, PULUMI_HOME = join(homedir(), ".pulumi") } = process.env;
  if (PULUMI_BACKEND_URL) return PULUMI_BACKEND_URL;
  try {
    return loginSchema.parse(JSON.parse(readFileSync(join(PULUMI_HOME, "credentials.json"), "utf8"))).current;
  } catch {
    return "";
  }
}
