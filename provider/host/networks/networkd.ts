import { HostError, lines, type RefusedError, type Script, sh } from "../../remote";
import { coalescedFunctions } from "../coalesced";

/** How long a reload is tried again while another one runs, in tenths of a second. */
const ATTEMPTS = 600;
const SETTLE_ATTEMPTS = 30;

/**
 * Shell functions that have systemd-networkd read its files again. It refuses while it does so for somebody else (from systemd 257 on; the
 * message differs in 262), and what it has begun already may have missed a file of this script.
 *
 * - `networkd_try ATTEMPTS` tries again for as long as that is the reason; else it fails, with the reason in `networkd_why`.
 * - `networkd_reload` does it once for all scripts that wait, and refuses with `networkd-reload` and the reason.
 */
export const networkdFunctions: Script = lines([
  coalescedFunctions,
  sh`
networkd_try() {
  networkd_attempts=$1
  until networkd_why=$(networkctl reload 2>&1); do
    case $networkd_why in *'Already reloading'* | *AlreadyReloading*) ;; *) return 1 ;; esac
    networkd_attempts=$((networkd_attempts - 1))
    [ "$networkd_attempts" -gt 0 ] || return 1
    sleep 0.1
  done
}
networkd_reload() { coalesced networkd networkd_try ${ATTEMPTS} || refuse networkd-reload "$networkd_why"; }
`,
]);

/** Has systemd-networkd read the files of a machine or a network. */
export const reloadNetworkd: Script = sh`networkd_reload`;

/** The same after files were removed: it does not matter whether networkd still runs. */
export const forgetLinks: Script = sh`! systemctl -q is-active systemd-networkd.service || networkd_reload`;

/** The same while the links of the host itself change, which must not wait for long. */
export const settleNetworkd: Script = sh`networkd_try ${SETTLE_ATTEMPTS} || systemctl restart systemd-networkd.service`;

/** What it means that networkd did not read the files of a machine or a network; `undefined` for another refusal. */
export function explainNetworkdRefusal(error: RefusedError): HostError | undefined {
  if (error.code !== "networkd-reload") return undefined;
  const [said = ""] = error.values;
  return new HostError({
    ...error.parts,
    happened: `systemd-networkd does not read its files again: ${said}`,
    advice:
      "If something on the host has it reload all the time, stop that. Look at its journal (journalctl -u systemd-networkd), and run `pulumi up` again.",
    cause: error,
  });
}
