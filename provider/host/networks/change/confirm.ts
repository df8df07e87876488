import { lines, type Script } from "../../../remote";
import { filesInPlace } from "../../files";
import { sh } from "../../sh";
import type { NetworkChange } from "./network-change";
import { PENDING, ROLLED_BACK } from "./places";
import { disarm, forget, settleFunctions } from "./settle";

const LOCK_SECONDS = 10;

/**
 * Confirms a change, so that it stays; must run over a connection that was opened after the change. Refuses with
 * `not-in-order` while the links are not as wanted, and with `rolled-back` if the change is gone. Confirming twice is
 * the same as once.
 */
export function confirmChange(change: NetworkChange): Script {
  return lines([
    settleFunctions(change),
    sh`
lock_open /run/pulumi-nspawn/network.lock 9
flock -w ${LOCK_SECONDS} 9 || refuse not-in-order "the lock /run/pulumi-nspawn/network.lock is held"
if [ "$(cat ${PENDING}/token 2>/dev/null)" = ${change.token} ]; then
  [ -e ${PENDING}/applied ] || refuse not-in-order "networkd has not applied the change yet"
  network_in_order || refuse not-in-order "$network_why"
  [ ! -e ${PENDING}/gateway ] || network_gateway_answers || refuse not-in-order "$network_why"
  ${disarm}
  ${forget}
elif [ -e ${`${ROLLED_BACK}/${change.token}`} ]; then
  refuse rolled-back "$(cat ${`${ROLLED_BACK}/${change.token}`})"
else
  ${filesInPlace(change.manifest, change.files)} || refuse rolled-back
fi
answer confirmed
exec 9>&-
`,
  ]);
}
