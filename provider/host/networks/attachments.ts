import { lines, type Script } from "../../remote";
import { sh } from "../sh";

/** A machine's place in a network. */
export interface Attachment {
  readonly machine: string;
  readonly network: string;
  readonly subnet: string;
  /** First and last address of the subnet, as numbers. */
  readonly bounds: { readonly first: number; readonly last: number };
}

/** Takes the lock of the networks, for what follows. */
export const lockNetworks: Script = sh`networks_lock`;

/** Makes the kernel's table that of the files, and lets go of the lock. */
export const settleNetworks: Script = sh`networks_lock
table_load
networks_unlock
`;

/** Gives a machine an address in each network, and answers it; answers the host's name servers too. */
export function grant(attachments: readonly Attachment[]): Script {
  return lines([
    lockNetworks,
    ...attachments.map(
      ({ machine, network, subnet, bounds }) => sh`
attachment_expect ${network} ${subnet}
lease_find ${network} ${machine} ${bounds.first} ${bounds.last}
answer lease ${network} "$lease_address"
`,
    ),
    sh`networks_unlock
for attachment_server in $(nameservers_host ipv6); do answer nameserver "$attachment_server"; done
`,
  ]);
}

/** Refuses an address or ports that are not a machine's to have. */
export function expectAttachment(
  { machine, network, subnet }: Attachment,
  address: string,
  ports: readonly string[],
): Script {
  return sh`attachment_expect ${network} ${subnet}
lease_take ${network} ${machine} ${address}
ports_free ${machine} ${ports}
`;
}

/** What is left of a machine in its networks when its files are gone: its addresses, for the next one of its name. */
export function releaseAttachments(machine: string): Script {
  return sh`networks_lock
lease_rest ${machine}
table_load
networks_unlock
`;
}
