import type { Script } from "../../remote";
import { machineUnit } from "../../systemd/unit-file";
import { STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";

/** Where its claim is. */
export function markerPath(name: string): string {
  return `${STATE_DIRECTORY}/machines/${name}.json`;
}

/** The list of a machine's files on its host. */
export function manifestPath(name: string): string {
  return `${STATE_DIRECTORY}/machines/${name}.files`;
}

/** Sets which machine the functions work on. */
export function about(name: string): Script {
  return sh`machine_name=${name}; machine_unit=${machineUnit(name)}; machine_marker=${markerPath(name)}; machine_manifest=${manifestPath(name)}
machine_unread=/run/pulumi-nspawn/unread/$machine_name; machine_known_no_more`;
}
