import type { Answer } from "../../remote";

/** Something on a host that drops packets of machines unless it is configured not to. */
export interface Firewall {
  readonly kind: "firewalld" | "ufw" | "chain";
  /** For a chain: family, table and chain. */
  readonly chain: string;
}

export function firewallsOf(answers: readonly Answer[]): Firewall[] {
  return answers.flatMap(({ key, values: [kind, chain = ""] }) =>
    key === "firewall" && (kind === "firewalld" || kind === "ufw" || kind === "chain") ? [{ kind, chain }] : [],
  );
}
