import type * as pulumi from "@pulumi/pulumi";
import { log, setPolicy } from "./dynamic";
import { stopJobs } from "./host/jobs/transient-unit";
import { credentialsSchema, setDefaultCredentials, showNotes } from "./remote";
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
  stopJobsWhenInterrupted();
}

/** What has no URN is shown at the stack. */
const THE_STACK = "";

/** The engine interrupts on the second ^C and after every run, and kills the process five seconds later. */
function stopJobsWhenInterrupted(): void {
  process.once("SIGINT", () => {
    stopJobs().finally(() => process.exit(130));
  });
}
