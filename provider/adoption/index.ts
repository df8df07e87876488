import { adoptables, adoptablesOf } from "../host/adoptable";
import { type Credentials, parseHost, run } from "../remote";
import { adoptingProgram } from "./program";

const TIMEOUT_SECONDS = 120;

/**
 * Generates a TypeScript program that adopts the machines on a host that no resource owns. `up` of it takes them over
 * and changes nothing. The function only reads the host.
 *
 * @param host `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`.
 * @param credentials Passwords and keys for the host. @default from the agent, key files or environment
 * @throws HostError if the host cannot be queried.
 * @example
 * ```ts
 * console.log(await nspawn.adoptingProgramOf("ssh://ops@web1.example.com"));
 * ```
 */
export async function adoptingProgramOf(host: string, credentials: Credentials = {}): Promise<string> {
  const target = { connection: parseHost(host), credentials };
  const answers = await run(target, adoptables, {
    attempt: "look for machines to adopt",
    timeoutSeconds: TIMEOUT_SECONDS,
    retry: true,
  });
  return adoptingProgram(host, adoptablesOf(answers));
}
