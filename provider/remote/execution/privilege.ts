import { OutputParser } from "../script/output-parser";
import { type Privilege, passwordProbe } from "./command";
import type { Executor } from "./executor";
import type { Exit } from "./exit";

const PROBE_SECONDS = 60;

/** What sudo said to a password. */
interface Probe {
  readonly exit: Exit;
  readonly output: OutputParser;
}

/** How to become root, or what sudo said if it does not accept the password. */
export type PrivilegeOrRefusal =
  | { readonly privilege: Privilege; readonly refusal?: undefined }
  | { readonly privilege?: undefined; readonly refusal: Probe };

// By connection and password; the entries of a connection go away with it.
const probes = new WeakMap<Executor, Map<string, Promise<Probe>>>();

/** How to become root with sudo, with the password if there is one; sudo is asked about it once per connection. */
export async function sudoPrivilege(executor: Executor, password: string | undefined): Promise<PrivilegeOrRefusal> {
  if (password === undefined) return { privilege: { kind: "sudo" } };
  const asked = probes.get(executor) ?? new Map<string, Promise<Probe>>();
  probes.set(executor, asked);
  const probe = asked.get(password) ?? ask(executor, password);
  asked.set(password, probe);
  const answer = await probe;
  if (answer.exit.status !== 0) return { refusal: answer };
  // Some versions of sudo-rs print their version on stderr.
  const readsAhead = `${answer.output.chatter}${answer.output.stderr}`.includes("sudo-rs");
  return { privilege: { kind: "sudoWithPassword", password, readsAhead } };
}

async function ask(executor: Executor, password: string): Promise<Probe> {
  const output = new OutputParser();
  return { exit: await executor.exec(passwordProbe(password), { total: PROBE_SECONDS * 1000 }, output), output };
}
