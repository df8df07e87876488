import { type Script, sh } from "../remote";

/**
 * A setting for whatever apt does here, as a line of apt.conf(5) and as an option of its commands.
 *
 * apt 2.6, that of bookworm, puts off what a failure of the network kept it from, and may then wait for ever: one name that could not be
 * resolved once is enough. Without the delay it tries again at once, as often as `Acquire::Retries` says. apt 3.0 has no such fault.
 */
export const NO_RETRY_DELAY = { line: 'Acquire::Retries::Delay "false";', option: "-oAcquire::Retries::Delay=false" };

const PAUSE_SECONDS = 5;

/**
 * The shell function `apt_patiently COMMAND…`: runs a command of apt, and again if somebody else holds one of apt's locks, such as
 * unattended-upgrades. DPkg::Lock::Timeout does not do: it waits for the lock of dpkg, not for those of lists and archives. `apt_waits TEXT` has
 * to show whom it waits for. Fails as the command does; `apt_held` then says who holds which lock, if that is the reason.
 */
export function aptFunctions(seconds: number): Script {
  return sh`
apt_patiently() {
  apt_rounds=${Math.ceil(seconds / PAUSE_SECONDS)}
  apt_errors=$(mktemp) || return 1
  while :; do
    apt_status=0
    "$@" 2>"$apt_errors" || apt_status=$?
    cat -- "$apt_errors" >&2
    apt_held=$(sed -n 's/^E: Could not get lock \([^ ]*[^ .]\)\.\{0,1\} \(.*\)$/\1: \2/p' "$apt_errors" | head -n 1)
    apt_rounds=$((apt_rounds - 1))
    if [ "$apt_status" = 0 ] || [ -z "$apt_held" ] || [ "$apt_rounds" -le 0 ]; then break; fi
    apt_waits "$apt_held"
    sleep ${PAUSE_SECONDS}
  done
  rm -f -- "$apt_errors"
  return "$apt_status"
}
`;
}
