import { BASE_PATH, baseText, TABLE } from "../../nftables/table";
import { type Script, sh } from "../../remote";
import { renderSections } from "../../systemd/settings-file";
import type { HostFile } from "../files";
import { STATE_DIRECTORY } from "../ownership";
import { DOCKER_DROP_IN, DOCKER_SCRIPT, dockerDropIn, dockerScript } from "./docker";

/** Loads the table when the host boots. */
export const TABLE_UNIT = "pulumi-nspawn-nftables.service";

const NFT = "/usr/sbin/nft";
const COMMENT = "Managed by pulumi-nspawn.";

const unit = renderSections(COMMENT, [
  {
    name: "Unit",
    entries: [
      ["Description", "Addresses and ports of systemd-nspawn machines"],
      ["Documentation", "man:nft(8)"],
      ["After", "nftables.service"],
    ],
  },
  {
    name: "Service",
    entries: [
      ["Type", "oneshot"],
      ["RemainAfterExit", "yes"],
      ["ExecStart", `${NFT} -f ${BASE_PATH}`],
    ],
  },
  { name: "Install", entries: [["WantedBy", "multi-user.target"]] },
]);

/** nftables.service flushes all tables when it starts, reloads and stops: ours comes back each time. */
const dropIn = renderSections(COMMENT, [
  {
    name: "Service",
    entries: ["ExecStartPost", "ExecReload", "ExecStopPost"].map((key) => [key, `-${NFT} -f ${BASE_PATH}`] as const),
  },
]);

/** Files that all networks of a host share: made by the first, removed by the last. */
export const sharedFiles: ReadonlyMap<string, HostFile> = new Map(
  Object.entries({
    [BASE_PATH]: baseText,
    [`/etc/systemd/system/${TABLE_UNIT}`]: unit,
    "/etc/systemd/system/nftables.service.d/90-pulumi-nspawn.conf": dropIn,
    [DOCKER_SCRIPT]: dockerScript,
    [DOCKER_DROP_IN]: dockerDropIn,
  }).map(([path, text]) => [path, { text, mode: "0644" }]),
);

export const SHARED_MANIFEST = `${STATE_DIRECTORY}/networks.files`;

/**
 * Shell functions about the table: `table_wanted` and `table_live` print it as its files say and as the kernel has it, and
 * `table_load` brings the kernel's to the files. What the files say is read by the same nft, in a network namespace of its own,
 * so that the two compare line by line.
 */
export const tableFunctions: Script = sh`
table_wanted() { unshare --net sh -c 'nft -f "$1" && nft --stateless list table "$2" "$3"' table ${BASE_PATH} ${TABLE.split(" ")}; }
table_live() { nft --stateless list table ${TABLE.split(" ")} 2>/dev/null || :; }
table_load() {
  [ -e ${BASE_PATH} ] || return 0
  [ "$(table_live)" = "$(table_wanted)" ] || nft -f ${BASE_PATH}
}
table_delete() { nft delete table ${TABLE.split(" ")} 2>/dev/null || :; }
`;
