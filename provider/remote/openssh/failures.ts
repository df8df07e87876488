import { DialFailure } from "../errors/dial-failure";

interface Meaning {
  readonly seen: RegExp;
  readonly kind: DialFailure["kind"];
  readonly advice: string;
  readonly again?: boolean;
}

/** What ssh's own words mean. They are not translated, and have been the same for many versions. */
const MEANINGS: readonly Meaning[] = [
  {
    seen: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key is known for/,
    kind: "hostKey",
    advice: "Log in once by hand to see and confirm its key, or put the key into known_hosts.",
  },
  {
    seen: /Permission denied|Too many authentication failures|sign_and_send_pubkey|agent refused operation/,
    kind: "authentication",
    advice:
      "Log in by hand with the same ssh. It must not ask for anything: keep keys with a passphrase or a PIN in an agent.",
  },
  {
    seen: /Bad configuration option|terminating, \d+ bad configuration|no matching .* found|Can't open user config file/,
    kind: "configuration",
    advice: "Correct what ssh reports.",
  },
  {
    seen: /Could not resolve hostname/,
    kind: "unreachable",
    advice: "Check the name; an alias needs a `Host` section with `HostName` in ~/.ssh/config.",
    again: true,
  },
];

const UNREACHABLE: Pick<Meaning, "kind" | "advice" | "again"> = {
  kind: "unreachable",
  advice: "Check that it is up, that the address is right, and that its sshd accepts connections.",
  again: true,
};

/** Why an ssh that ended before it was logged in did so. */
export function sshFailure(said: string): DialFailure {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const { kind, advice, again } = MEANINGS.find(({ seen }) => seen.test(said)) ?? UNREACHABLE;
  const happened = `ssh could not log in: ${lines.at(-1) ?? "it said nothing"}`;
  return new DialFailure(kind, { happened, advice, details: lines.slice(0, -1).join("\n") }, again);
}

/** There is no ssh on this machine. */
export function sshMissing(): DialFailure {
  return new DialFailure("configuration", {
    happened: 'there is no ssh in PATH, which `client: "openssh"` needs',
    advice: "Install OpenSSH's client (on Debian: sudo apt install openssh-client), or leave `client` out.",
  });
}
