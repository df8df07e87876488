import { lines, type Script } from "../../remote";
import { linksInventory } from "../networks/links";
import { STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";
import { unitsInventory } from "./units";

/** Answers every machine of ours: its files, its unit, its addresses. */
export const machinesInventory: Script = lines([
  unitsInventory,
  linksInventory,
  sh`
machine_mountinfos=
machines_ask
for machine_marker in ${STATE_DIRECTORY}/machines/*.json; do
  [ -e "$machine_marker" ] || continue
  machine_name=\${machine_marker##*/}; machine_name=\${machine_name%.json}
  machine_unit=systemd-nspawn@$machine_name.service
  machine_known_no_more
  answer_file machine "$machine_name" "$machine_marker"
  machine_root=$(machine_marker_field root)
  answer generation "$machine_name" "$(generation_holder "$machine_root")"
  files_answer machine-file "$machine_name" "\${machine_marker%.json}.files"
  machine_answer
  [ -z "$machine_pid" ] || machine_mountinfos="$machine_mountinfos /proc/$machine_pid/mountinfo"
done
machines_asked
machine_mounts_answer
`,
]);
