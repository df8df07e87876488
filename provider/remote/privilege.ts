import { type Privilege, passwordProbe } from "./command";
import type { Executor } from "./executor";
import type { Exit } from "./exit";
import { Output } from "./output";

const PROBE_SECONDS = 60;

/** What became of a sudo that was only asked whether it takes the password. */
export interface Probe {
  readonly exit: Exit;
  readonly output: Output;
}

// By connection and password; a connection that has ended takes its entries with it.
const probes = new WeakMap<Executor, Map<string, Promise<Probe>>>();

/**
 * Whether sudo takes the password, asked once per connection: in front of a script it would count a wrong one three times, and
 * many operations in a row would lock the account.
 *
 * @returns `undefined` when it does, or when there is none to ask about.
 */
export async function refusedPassword(executor: Executor, privilege: Privilege): Promise<Probe | undefined> {
  if (privilege.kind !== "sudoWithPassword") return undefined;
  const asked = probes.get(executor) ?? new Map<string, Promise<Probe>>();
  probes.set(executor, asked);
  const probe = asked.get(privilege.password) ?? ask(executor, privilege.password);
  asked.set(privilege.password, probe);
  const answer = await probe;
  return answer.exit.status === 0 ? undefined : answer;
}

async function ask(executor: Executor, password: string): Promise<Probe> {
  const output = new Output();
  return { exit: await executor.exec(passwordProbe(password), PROBE_SECONDS * 1000, output), output };
}
