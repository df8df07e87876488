import { spawnSync } from "node:child_process";
import { matchPatternList } from "./pattern";
import { expandTokens, localUser } from "./tokens";

/** What a `Match` line is compared with. */
export interface MatchContext {
  readonly host: string;
  readonly original: string;
  readonly user: string;
  readonly port: number;
  /** Whether this is the second pass over the files, which `final` requests. */
  readonly final: boolean;
  readonly wantFinalPass: () => void;
}

const EXEC_SECONDS = 10;

/** Whether every criterion of a `Match` line holds; an unknown one, such as `localnetwork`, never does. */
export function isMatch(words: readonly string[], context: MatchContext): boolean {
  const rest = words.flatMap(splitAtEquals);
  let result = true;
  while (rest.length > 0) {
    const word = (rest.shift() ?? "").toLowerCase();
    const negated = word.startsWith("!");
    const name = negated ? word.slice(1) : word;
    const argument = BARE.has(name) ? "" : (rest.shift() ?? "");
    // ssh(1) only runs a command if everything before it holds.
    if (name === "exec" && !result) continue;
    const held = holds(name, argument, context);
    if (held === undefined || held === negated) result = false;
  }
  return result;
}

const BARE = new Set(["all", "canonical", "final"]);

function splitAtEquals(word: string): string[] {
  const [, name, value] = /^(!?(?:exec|host|originalhost|user|localuser))=(.*)$/is.exec(word) ?? [];
  return name === undefined || value === undefined ? [word] : [name, value];
}

function holds(name: string, argument: string, context: MatchContext): boolean | undefined {
  switch (name) {
    case "all":
      return true;
    case "final":
      context.wantFinalPass();
      return context.final;
    case "canonical":
      return context.final;
    case "host":
      return matchPatternList(context.host.toLowerCase(), argument.toLowerCase());
    case "originalhost":
      return matchPatternList(context.original.toLowerCase(), argument.toLowerCase());
    case "user":
      return matchPatternList(context.user, argument);
    case "localuser":
      return matchPatternList(localUser(), argument);
    case "exec":
      return succeeds(expandTokens(argument, context));
    default:
      return undefined;
  }
}

// The command is in the user's own file, and ssh(1) runs it for the same host.
function succeeds(command: string): boolean {
  const shell = process.env.SHELL || "/bin/sh";
  return spawnSync(shell, ["-c", command], { stdio: "ignore", timeout: EXEC_SECONDS * 1000 }).status === 0;
}
