import type { Script } from "../../../remote";
import type { OwnedFiles } from "../../files";

/** The creation, change or removal of a bridge over an uplink on a host, with files of systemd-networkd. */
export interface NetworkChange {
  /** Random; whoever has it may confirm the change. */
  readonly token: string;
  readonly bridge: string;
  /** The interface that is in the bridge afterwards; none if the bridge is removed. */
  readonly uplink: string | undefined;
  /** Every interface other than the bridge whose settings change. */
  readonly links: readonly string[];
  /** The `.netdev` file of the bridge; without it the bridge is removed. */
  readonly netdev: string;
  /** The `.network` file of the bridge. */
  readonly network: string;
  /** networkd's files afterwards. */
  readonly files: OwnedFiles;
  /** Where these files are listed. */
  readonly manifest: string;
  /** Who created the bridge: a path, and the text afterwards; none if the bridge is removed. */
  readonly marker: { readonly path: string; readonly text: string | undefined };
  /**
   * Whether the host's gateway must answer afterwards, if it did before: when this process runs on the host itself, a
   * connection proves nothing.
   */
  readonly gatewayHasToAnswer: boolean;
  /** Run under the lock before anything is changed; it may refuse. */
  readonly before: Script;
}
