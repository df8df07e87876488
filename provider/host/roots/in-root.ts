import { type Script, withLibraries } from "../../remote";
import { sh } from "../sh";

const GUARD_MARK = "# pulumi-nspawn: removed when the work is done";

/**
 * The text for a root's shell. If no init runs, services are kept from starting (policy-rc.d): they would start in the
 * wrong place and be killed at the end.
 */
export function insideText(script: Script): string {
  return sh`{
LC_ALL=C.UTF-8; DEBIAN_FRONTEND=noninteractive; HOME=/root; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL DEBIAN_FRONTEND HOME PATH
inside_guard=/usr/sbin/policy-rc.d
if [ ! -d /run/systemd/system ]; then
  if [ ! -e "$inside_guard" ] || grep -qxF ${GUARD_MARK} "$inside_guard"; then
    printf '#!/bin/sh\n%s\nexit 101\n' ${GUARD_MARK} >"$inside_guard"
    chmod 0755 "$inside_guard"
    trap 'rm -f -- "$inside_guard"' EXIT
  fi
elif [ -e "$inside_guard" ] && grep -qxF ${GUARD_MARK} "$inside_guard"; then rm -f -- "$inside_guard"; fi
( set -e
${withLibraries(script)}
) </dev/null
exit "$?"
}
`.text;
}
