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

/** Takes the lock on the networks for the commands that follow. */
export const lockNetworks: Script = sh`networks_lock`;

/** Brings the kernel's table to the files, and releases the lock. */
export const settleNetworks: Script = sh`networks_lock
table_load
networks_unlock
`;

/** Gives a machine an address in each network and answers it; also answers the host's name servers. */
export function allocate(attachments: readonly Attachment[]): Script {
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

/** Refuses an address or ports that the machine cannot have. */
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

/** Once a machine's files are gone, only its addresses are left in its networks, for the next machine of that name. */
export function releaseAttachments(machine: string): Script {
  return sh`networks_lock
lease_rest ${machine}
table_load
networks_unlock
`;
}
