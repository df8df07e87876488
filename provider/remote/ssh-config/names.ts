import { problemOfHostName, problemOfUserName } from "../connection/names";
import { DialFailure } from "../errors/dial-failure";

/**
 * Names on their way into a command: `ssh -G`, and by the tokens of ssh_config(5) `Match exec` and `ProxyCommand`. They
 * may have been put together from a program's names and the user's ssh_config.
 *
 * @throws DialFailure
 */
export function assertNames(hosts: readonly string[], users: readonly string[]): void {
  for (const host of hosts) refuse("a host", host, problemOfHostName(host));
  for (const user of users) refuse("a user", user, problemOfUserName(user));
}

function refuse(what: string, name: string, problem: string | undefined): void {
  if (problem === undefined) return;
  throw new DialFailure("configuration", {
    happened: `${JSON.stringify(name)} cannot be the name of ${what}: ${problem}`,
    advice:
      "OpenSSH refuses such names too, because a ProxyCommand or `Match exec` would run them (CVE-2023-51385). Correct the name in the program or in ssh_config.",
  });
}
