/** How the script's shell becomes root. */
export type Privilege =
  | { readonly kind: "login" }
  | { readonly kind: "sudo" }
  | { readonly kind: "sudoWithPassword"; readonly password: string };

/** Seconds that a script gets between SIGTERM and SIGKILL when its deadline has passed on the host. */
export const KILL_AFTER_SECONDS = 10;

/** One command and what goes to its stdin. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly stdin: string;
}

// A line of its own between password and script. Where sudo does not ask (NOPASSWD), the password is still there to be read: this
// reader drops it, so that it never reaches a shell as a command. As a comment it is harmless to one itself.
const BOUNDARY = "#pulumi-nspawn";
const READER = `while IFS= read -r line; do [ "$line" = "${BOUNDARY}" ] && exec sh; done; exit 75`;

/** The command that runs a script as root and ends it at its deadline, also when nobody listens any more. */
export function invocation(privilege: Privilege, script: string, timeoutSeconds: number): Invocation {
  const timeout = ["timeout", "-k", String(KILL_AFTER_SECONDS), String(timeoutSeconds)];
  switch (privilege.kind) {
    case "login":
      return { argv: [...timeout, "sh"], stdin: script };
    case "sudo":
      return { argv: [...SUDO, "-n", ...timeout, "sh"], stdin: script };
    case "sudoWithPassword":
      return {
        argv: [...SUDO_ASKING, ...timeout, "sh", "-c", READER],
        stdin: `${privilege.password}\n${BOUNDARY}\n${script}`,
      };
  }
}

/** Asks sudo once whether the password is right: a wrong one before a script would count as three attempts. */
export function passwordProbe(password: string): Invocation {
  return { argv: [...SUDO_ASKING, "true"], stdin: `${password}\n` };
}

const SUDO = ["env", "LC_ALL=C", "sudo"];
// -k: credentials that are cached for the user are not used, so whether sudo reads the line depends on the policy alone.
const SUDO_ASKING = [...SUDO, "-k", "-S", "-p", ""];
