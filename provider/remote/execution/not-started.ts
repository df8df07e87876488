import { CommandError } from "../errors/host-error";
import type { OutputParser } from "../script/output-parser";
import type { Context } from "./context";
import { describeExit, type Exit } from "./exit";

/** Why a script never started: sudo, the login shell or a missing tool. */
export function notStarted(exit: Exit, output: OutputParser, context: Context): CommandError {
  const details = context.redact(`${output.chatter}${output.stderr}`).trim();
  const reason = REASONS.find(({ seen }) => seen.test(details));
  return new CommandError(
    {
      attempted: context.attempted,
      host: context.host,
      happened: reason?.happened(context.user) ?? `no script could be started there (${describeExit(exit)})`,
      advice: reason?.advice(context.user),
      details,
    },
    exit.status,
    context.redact(`${output.stderr}`),
  );
}

interface Reason {
  readonly seen: RegExp;
  readonly happened: (user: string) => string;
  readonly advice: (user: string) => string;
}

const sudoers = (line: string) => `Put this line into /etc/sudoers.d/pulumi-nspawn (with visudo -f): ${line}`;
const all = (user: string) => sudoers(`${user} ALL=(root) NOPASSWD: ALL`);

const REASONS: readonly Reason[] = [
  {
    seen: /sudo['’]?: No such file or directory|sudo: (command )?not found/,
    happened: () => "sudo is not installed there",
    advice: () => "Install it (apt-get install sudo), or log in as root.",
  },
  {
    seen: /is not in the sudoers file|is not allowed to (execute|run)|may not run sudo|I'm afraid I can't do that/,
    happened: (user) => `${user} has no right to use sudo there`,
    advice: all,
  },
  {
    seen: /incorrect (password|authentication) attempt|, try again|no password was provided/,
    happened: (user) => `sudo does not accept the password of ${user}`,
    advice: () => "Check `becomePassword` in the credentials; without it `password` is used.",
  },
  {
    seen: /a password is required|a terminal is required to read the password|interactive authentication is required/,
    happened: (user) => `sudo asks for a password, or ${user} has no right to use it there`,
    advice: (user) =>
      `Set \`becomePassword\` in the credentials, or let ${user} use sudo without a password. ${all(user)}`,
  },
  {
    seen: /must have a tty/,
    happened: () => "sudo requires a terminal there (requiretty)",
    advice: (user) => sudoers(`Defaults:${user} !requiretty`),
  },
];
