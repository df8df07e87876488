import { BASE_PATH, baseText } from "../../nftables/table";
import type { Answer, Script } from "../../remote";
import { renderSections } from "../../systemd/settings-file";
import { difference } from "../drift";
import type { HostFile } from "../files";
import { STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";
import { DOCKER_DROP_IN, DOCKER_SCRIPT, dockerDropIn, dockerScript } from "./docker";
import { LOOPBACK_SCRIPT, loopbackScript } from "./loopback";

/** Loads the table when the host boots, and before any machine that uses it starts. */
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

/** A command for the start of a machine: without the table, whoever is in the machine would be stopped by nothing. */
export const expectTable: Script = sh`nft list table inet pulumi_nspawn >/dev/null 2>&1 || exec nft -f ${BASE_PATH}`;

/** nftables.service flushes all tables when it starts, reloads and stops; this restores ours each time. */
const dropIn = renderSections(COMMENT, [
  {
    name: "Service",
    entries: ["ExecStartPost", "ExecReload", "ExecStopPost"].map((key) => [key, `-${NFT} -f ${BASE_PATH}`] as const),
  },
]);

/** Files that all networks of a host share: created by the first, removed by the last. */
export const sharedFiles: ReadonlyMap<string, HostFile> = new Map(
  Object.entries({
    [BASE_PATH]: baseText,
    [`/etc/systemd/system/${TABLE_UNIT}`]: unit,
    "/etc/systemd/system/nftables.service.d/90-pulumi-nspawn.conf": dropIn,
    [DOCKER_SCRIPT]: dockerScript,
    [DOCKER_DROP_IN]: dockerDropIn,
    [LOOPBACK_SCRIPT]: loopbackScript,
  }).map(([path, text]) => [path, { text, mode: "0644" }]),
);

export const SHARED_MANIFEST = `${STATE_DIRECTORY}/networks.files`;

/** The lines by which the kernel's table differs from its files, as the inventory answered them. */
export function tableDrift(answers: readonly Answer[]): string {
  const found = tablesIn(answers);
  return found?.is === "" ? "the table is gone" : changedLines(found);
}

/** Those of these lines that forward ports to an address. */
export function tableDriftOf(address: string, answers: readonly Answer[]): string {
  const to = new RegExp(` dnat ip to ${address.replaceAll(".", "\\.")}(?![\\d.])`);
  return changedLines(tablesIn(answers))
    .split("\n")
    .filter((line) => to.test(line))
    .map((line) => line.replace(/^([+-])\s+/, "$1"))
    .join("\n");
}

interface Tables {
  readonly is: string;
  readonly should: string;
}

/** What the kernel has, and what it should have; `undefined` if they are the same. */
function tablesIn(answers: readonly Answer[]): Tables | undefined {
  const [is, should] = answers.find(({ key }) => key === "network-table")?.values ?? [];
  return is === undefined || should === undefined ? undefined : { is, should };
}

function changedLines(tables: Tables | undefined): string {
  return tables === undefined ? "" : difference(tables.should, tables.is);
}
