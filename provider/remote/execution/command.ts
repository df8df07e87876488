import { sh } from "../script/script";

/** How the script's shell becomes root. */
export type Privilege =
  | { readonly kind: "login" }
  | { readonly kind: "sudo" }
  | {
      readonly kind: "sudoWithPassword";
      readonly password: string;
      /** Whether sudo reads more of its input than the one line, as sudo-rs does. */
      readonly readsAhead: boolean;
    };

/** One command and what goes to its stdin. */
export interface Invocation {
  readonly argv: readonly string[];
  /** Sent immediately; the rest of the input then waits for the command's `.ready`. */
  readonly opening?: string;
  readonly stdin: string;
}

/** Seconds that a script gets between SIGTERM and SIGKILL when its deadline has passed on the host. */
const KILL_AFTER_SECONDS = 10;

const SUDO = ["env", "LC_ALL=C", "sudo"];
// -k: cached credentials of the user are not used, so whether sudo reads a line depends only on its policy.
const SUDO_ASKING = [...SUDO, "-k", "-S", "-p", ""];

// A line of its own between password and script. If sudo does not ask (NOPASSWD), the password is left in the input:
// the loop drops it, so that it never reaches a shell as a command.
const BOUNDARY = "#pulumi-nspawn";
const READ_SCRIPT = sh`while IFS= read -r line; do [ "$line" = ${BOUNDARY} ] && exec sh; done; exit 75`.text;
const SAY_READY = String.raw`printf '\n[".ready","0"]\n'; `;

/** The command that runs a script as root and ends it at its deadline, even if nobody listens any longer. */
export function invocation(privilege: Privilege, script: string, timeoutSeconds: number): Invocation {
  const timeout = ["timeout", "-k", String(KILL_AFTER_SECONDS), String(timeoutSeconds)];
  switch (privilege.kind) {
    case "login":
      return { argv: [...timeout, "sh"], stdin: script };
    case "sudo":
      return { argv: [...SUDO, "-n", ...timeout, "sh"], stdin: script };
    case "sudoWithPassword": {
      const opening = `${privilege.password}\n`;
      const stdin = `${BOUNDARY}\n${script}`;
      const shell = [...SUDO_ASKING, ...timeout, "sh", "-c"];
      if (privilege.readsAhead) return { argv: [...shell, SAY_READY + READ_SCRIPT], opening, stdin };
      return { argv: [...shell, READ_SCRIPT], stdin: opening + stdin };
    }
  }
}

/**
 * Asks sudo whether the password is correct and which sudo it is. In front of a script, a wrong password would count
 * three times.
 */
export function passwordProbe(password: string): Invocation {
  const script = sh`${SUDO_ASKING} true && exec ${SUDO} --version`.text;
  return { argv: ["sh", "-c", script], stdin: `${password}\n` };
}
