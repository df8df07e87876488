import { lines, type Script } from "../../../remote";
import { renderSettings } from "../../../systemd/settings-file";
import { ensureFiles, filesInPlace, removeFiles } from "../../files";
import { STATE_DIRECTORY } from "../../ownership";
import { sh } from "../../sh";
import type { NetworkChange } from "./network-change";
import { APPLY_UNIT, PENDING, ROLLBACK_SECONDS, ROLLBACK_UNIT, ROLLED_BACK } from "./places";
import { applyScript, rollbackScript, settleFunctions } from "./settle";

/** Longer than any change is pending. */
const LOCK_SECONDS = 90;

/**
 * Carries out a change once its rollback is in place: a timer, and a unit that the next boot starts before the network.
 * Answers `armed`, or `unchanged` if everything is already as wanted. Run again with the same token, it does nothing.
 */
export function armChange(change: NetworkChange): Script {
  const paths = [...change.files.live.keys(), change.manifest, change.marker.path];
  const { path, text } = change.marker;
  const mark = text === undefined ? sh`file_absent ${path} || :` : sh`file_present ${path} ${text} 0600 || :`;
  return lines([
    settleFunctions(change),
    sh`
network_gateway_asked=${change.gatewayHasToAnswer ? "yes" : ""}
${waitForTurn(change.token)}
if [ "$(cat ${PENDING}/token 2>/dev/null)" = ${change.token} ]; then answer armed
elif [ -e ${`${ROLLED_BACK}/${change.token}`} ]; then refuse rolled-back
else
${change.before}
  if ! ${filesInPlace(change.manifest, change.files)} || ! network_in_order; then
    trap 'network_unarmed '${`${ROLLBACK_UNIT}.service`}' || :' EXIT
    network_save ${[change.manifest, change.token, applyScript(change), rollbackScript(change), ...paths]}
    network_arm ${[`${ROLLBACK_UNIT}.service`, ROLLBACK_UNIT_TEXT, ROLLBACK_SECONDS]}
    trap - EXIT
    ${mark}
${text === undefined ? removeFiles(change.manifest) : ensureFiles(change.manifest, change.files)}
    sync
    systemctl reset-failed ${`${APPLY_UNIT}.service`} 2>/dev/null || :
    systemd-run --quiet --collect --unit=${`${APPLY_UNIT}.service`} sh ${PENDING}/apply
    answer armed
  else
    ${mark}
    answer unchanged
  fi
fi
exec 9>&-
`,
  ]);
}

/** One change at a time: a pending one is confirmed soon, or rolls back automatically. */
function waitForTurn(token: string): Script {
  return sh`
clock_read
network_until=$((clock_seconds + ${LOCK_SECONDS}))
while :; do
  lock_open /run/pulumi-nspawn/network.lock 9
  flock -w ${LOCK_SECONDS} 9 || refuse locked network
  [ -e ${PENDING}/token ] && [ "$(cat ${PENDING}/token)" != ${token} ] || break
  exec 9>&-
  clock_read
  [ "$clock_seconds" -lt "$network_until" ] || refuse network-change-pending
  sleep 1
done
`;
}

const ROLLBACK_UNIT_TEXT = renderSettings("Managed by pulumi-nspawn.", [
  { section: "Unit", key: "Description", value: "Roll back a change of the network that was not confirmed" },
  { section: "Unit", key: "DefaultDependencies", value: "no" },
  { section: "Unit", key: "ConditionPathExists", value: `${PENDING}/rollback` },
  { section: "Unit", key: "RequiresMountsFor", value: `${STATE_DIRECTORY} /etc` },
  { section: "Unit", key: "After", value: "local-fs.target" },
  { section: "Unit", key: "Wants", value: "network-pre.target" },
  { section: "Unit", key: "Before", value: "network-pre.target systemd-networkd.service" },
  { section: "Service", key: "Type", value: "oneshot" },
  { section: "Service", key: "ExecStart", value: `/bin/sh ${PENDING}/rollback` },
  { section: "Install", key: "WantedBy", value: "multi-user.target" },
]);
