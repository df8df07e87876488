import { lines, type Script } from "../../remote";
import { removeFiles } from "../files";
import { STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";
import { about, manifestPath } from "./functions";

/**
 * Stops a machine and removes everything of its own from the host. Does nothing if the host has another generation or
 * none. The `locks` are taken before its files are removed; `cleanup` runs once they are gone.
 */
export function removeMachine(
  name: string,
  owner: string,
  { locks, cleanup }: { readonly locks: readonly Script[]; readonly cleanup: readonly Script[] },
): Script {
  return lines([
    about(name),
    sh`
if marker_is "$machine_marker" owner ${owner}; then
  answer progress stopping
  systemctl -q --no-reload disable "$machine_unit" 2>/dev/null || :
  if systemctl list-units --all --no-legend "$machine_unit" | grep -q .; then machine_stop; fi
${lines(locks)}
${removeFiles(manifestPath(name))}
  rm -f -- "/run/pulumi-nspawn/started/$machine_name" "$machine_unread"
${lines(cleanup)}
  provision_forget "$machine_name"
  systemd_reload
  file_absent "$machine_marker" || :
  rmdir -- ${STATE_DIRECTORY} 2>/dev/null || :
fi
`,
  ]);
}
