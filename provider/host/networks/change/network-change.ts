import type { Script } from "../../../remote";
import type { OwnedFiles } from "../../files";

/** A bridge over an uplink that is to be made, changed or removed on a host, with files of systemd-networkd. */
export interface NetworkChange {
  /** Random; whoever has it may confirm the change. */
  readonly token: string;
  readonly bridge: string;
  /** The interface that is in the bridge afterwards; none where the bridge goes. */
  readonly uplink: string | undefined;
  /** Every interface beside the bridge whose settings change. */
  readonly links: readonly string[];
  /** The `.netdev` file of the bridge: without it the bridge goes. */
  readonly netdev: string;
  /** The `.network` file of the bridge. */
  readonly network: string;
  /** Files of networkd afterwards. */
  readonly files: OwnedFiles;
  /** Where these files are listed. */
  readonly manifest: string;
  /** Who made the bridge: a path, and the text afterwards; none where the bridge goes. */
  readonly marker: { readonly path: string; readonly text: string | undefined };
  /**
   * Whether the host's gateway has to answer afterwards, if it did before: where this process is on the host itself, no connection
   * that comes about could prove anything.
   */
  readonly gatewayHasToAnswer: boolean;
  /** Run under the lock before anything is changed; it may refuse. */
  readonly before: Script;
}
