import type { Script } from "../../remote";
import { sh } from "../sh";

/** On the host, so that each start of a machine finds it, also without Pulumi. */
export const LOOPBACK_SCRIPT = "/etc/pulumi-nspawn/loopback.sh";

/** The parts of the table that decide about a link: a pattern of file names below the directory of parts. */
export interface Loopback {
  readonly parts: string;
  /**
   * Whether the host's 127.0.0.1 forwards ports there; `undefined` if this is not all that decides.
   * @default undefined
   */
  readonly open?: boolean;
}

/** Its arguments are a link and a pattern of parts. */
export const loopbackScript = `#!/bin/sh
# Managed by pulumi-nspawn: lets ports of 127.0.0.1 reach machines on a link, if any are published.
${
  sh`
set -e
plain_refusals
loopback_settle_parts "$1" "$2"
`.text
}`;

/** Opens a link for ports of 127.0.0.1, or closes it, as the parts of the table say. */
export function settleLoopback(link: string, { parts }: Loopback): Script {
  return sh`loopback_settle_parts ${link} ${parts}`;
}

/** The same for a link that may be gone. */
export function settleLoopbackIfThere(link: string, { parts }: Loopback): Script {
  return sh`if link_present ${link}; then loopback_settle_parts ${link} ${parts}; fi`;
}
