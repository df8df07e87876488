import { setTimeout as pause } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import { engineIsGone, log, setPolicy } from "./dynamic";
import { acknowledgementsSettled } from "./host/acknowledgements";
import { stopJobs } from "./host/jobs/transient-unit";
import { closeAll, credentialsSchema, setDefaultCredentials, showNotes } from "./remote";
import * as resources from "./resources/all";

const providers: ReadonlyMap<string, pulumi.dynamic.ResourceProvider> = new Map(
  Object.values(resources).map(({ handler }) => [handler.kind, handler.provider]),
);

/** The part of the stack's configuration that the SDK passes to `configure`. */
interface Configuration {
  readonly get: (key: string) => string | undefined;
}

let prepared = false;

/**
 * The provider of a kind of resource: all that a state file refers to. Every kind ever released stays here.
 *
 * @throws Error for a kind that this version of the package does not know.
 */
export function get(kind: string): pulumi.dynamic.ResourceProvider {
  const provider = providers.get(kind);
  if (provider === undefined) {
    const known = [...providers.keys()].join(", ");
    throw new Error(
      `the installed pulumi-nspawn has no resource "${kind}"; it knows ${known}. Update it: npm install pulumi-nspawn@latest.`,
    );
  }
  prepare();
  return { ...provider, configure: async ({ config }) => configure(config) };
}

/** Assigns and never throws: the SDK caches a provider before it awaits this. */
function configure(config: Configuration): void {
  const names = Object.keys(credentialsSchema.shape);
  const given = names
    .map((name) => [name, config.get(`pulumi-nspawn:${name}`)])
    .filter(([, value]) => value !== undefined);
  const credentials = credentialsSchema.safeParse(Object.fromEntries(given));
  if (credentials.success) setDefaultCredentials(credentials.data);
  setPolicy(config.get("pulumi-nspawn:onUnreachable"));
}

function prepare(): void {
  if (prepared) return;
  prepared = true;
  showNotes((text) => log(THE_STACK, text, "warning"));
  leaveWhenAsked();
  void engineIsGone().then(() => leave(1));
}

/** What has no URN is shown at the stack. */
const THE_STACK = "";

/** What asks a process to end, and its exit status then: 128 and the signal's number. */
const SIGNALS = [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

/** The engine interrupts on the second ^C and after every run, and kills the process five seconds later. */
const LONGEST_LEAVE_MS = 4500;

function leaveWhenAsked(): void {
  for (const [signal, status] of SIGNALS) process.once(signal, () => leave(status));
}

/**
 * Ends this process, and the work on hosts that only it follows. A script that runs there ends by itself; the next run
 * finds what it did.
 */
async function leave(status: number): Promise<void> {
  await Promise.race([Promise.all([stopJobs(), acknowledgementsSettled()]), pause(LONGEST_LEAVE_MS)]);
  closeAll();
  process.exit(status);
}
