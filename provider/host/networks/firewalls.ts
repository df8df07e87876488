import { type Answer, type Script, sh } from "../../remote";

/** Something on a host that drops packets of machines unless it is told not to. */
export interface Firewall {
  readonly kind: "firewalld" | "ufw" | "chain";
  /** Of a chain: family, table and chain. */
  readonly chain: string;
}

/**
 * The shell function `firewalls_answer SUBNET`: answers what would drop packets of a subnet and has not been told of it. An accept
 * in a table of ours does not count: a packet has to pass the chains of all tables (nft(8), verdict statements).
 */
export const firewallFunctions: Script = sh`
firewalls_answer() {
  firewall_known=
  if systemctl -q is-active firewalld.service; then
    firewall-cmd -q --zone=trusted --query-source="$1" 2>/dev/null || answer firewall firewalld
  fi
  if grep -qsx 'ENABLED=yes' /etc/ufw/ufw.conf; then
    firewall_known=yes
    grep -qsF -- "### tuple ### route:allow any any 0.0.0.0/0 any $1 " /etc/ufw/user.rules || answer firewall ufw
  fi
  ! nft list chain ip filter DOCKER-USER >/dev/null 2>&1 || firewall_known=yes
  nft list chains 2>/dev/null | awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2 }
    /hook forward/ && /policy drop/ && family != "bridge" && family != "ip6" { print family, table, chain }
  ' | while read -r firewall_chain; do
    [ "$firewall_chain" != 'ip filter FORWARD' ] || [ -z "$firewall_known" ] || continue
    nft list table \${firewall_chain% *} | grep -qF -- "$1" || answer firewall chain "$firewall_chain"
  done
}
`;

export function firewallsOf(answers: readonly Answer[]): Firewall[] {
  return answers.flatMap(({ key, values: [kind, chain = ""] }) =>
    key === "firewall" && (kind === "firewalld" || kind === "ufw" || kind === "chain") ? [{ kind, chain }] : [],
  );
}
