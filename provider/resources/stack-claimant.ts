import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/**
 * A stack by what makes it another one: its names, and where its state is. Unlike the random claimant that a `Host`
 * keeps in state, it is the same after a `destroy`, and without a `Host`.
 */
export function stackClaimant(urn: string): string {
  const [stack = "", project = ""] = urn.replace(/^urn:pulumi:/, "").split("::");
  place ??= placeOfState();
  return createHash("sha256")
    .update(JSON.stringify([stack, project, ...place]))
    .digest("hex")
    .slice(0, 16);
}

// It stays the same as long as the process lives, and each operation asks.
let place: readonly string[] | undefined;

/** State in files is one person's on one computer. */
function placeOfState(): readonly string[] {
  const backend = backendUrl();
  const shared = /^(https?|s3|gs|azblob|postgres):/.test(backend);
  return shared ? [backend] : [backend, userInfo().username, hostname()];
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
