import { lines, type Script } from "../../remote";
import { ensureFiles } from "../files";
import { settleLink } from "../networks/links";
import { reloadNetworkd } from "../networks/networkd";
import { expectClaim, markerText } from "../ownership";
import { sh } from "../sh";
import { about, manifestPath, markerPath } from "./functions";
import type { MachinePlan, Need } from "./machine-plan";

const JOURNAL_LINES = 40;

/** Observes, then brings a machine to its plan. If a new root does not boot, the old one takes its place again. */
export function ensureMachine(plan: MachinePlan): Script {
  const levels = {
    started: ["started"],
    booted: ["booted"],
    networked: ["booted", ...(plan.links.length > 0 ? ["networked"] : [])],
  };
  const { claim } = plan;
  const marker = markerPath(plan.name);
  const services = plan.beforeStart.includes(reloadNetworkd) ? ["org.freedesktop.network1"] : [];
  const bringUp = sh`machine_bring_up ${plan.bootSeconds} ${levels[plan.waitFor]}`;
  return lines([
    about(plan.name),
    sh`machine_expected=${plan.links.map(({ guestInterface, address = "" }) => `${guestInterface}=${address}`).join(" ")}`,
    expectClaim(claim, marker, expectFree(plan)),
    refuseOlderSystemd(plan.needs),
    ...plan.locks,
    ...plan.preflight,
    expectUnit(plan),
    sh`
generation_recover ${plan.rootName}
machine_before=$(generation_holder ${plan.rootName})
generation_to_take ${[plan.rootName, plan.generation]}
machine_next=$generation_next
file_present ${marker} ${markerText(claim, { root: plan.rootName })} 0600 || :
answer claimed
# The machine's input names it, so a state knows it.
generation_acknowledge ${[plan.rootName, plan.generation]}
# If this file exists when a run starts, a killed run left it: systemd may not have read what that run wrote.
machine_reload=
if [ -e "$machine_unread" ]; then machine_reload=killed; else file_save "$machine_unread" ""; fi
machine_settings_known
${ensureFiles(manifestPath(plan.name), plan.files)}
${reclaimUnit(plan)}
${lines(plan.afterWrite)}
${plan.autostart ? ensureEnabled : ensureDisabled}
# One reload for everything: each reads the files of all units again, and blocks others that wait for systemd.
if [ -n "$files_restart$files_live$machine_reload" ]; then systemd_reload; fi
rm -f -- "$machine_unread"
if machine_stale; then files_restart=yes; fi
${restartIfLost(plan)}
machine_exchanged=
if ! machine_at_rest; then
  if [ -n "$files_restart$machine_next" ] || [ ${plan.running ? "yes" : "no"} = no ]; then
    ${plan.running ? sh`machine_may_stop ${services}; machine_guard ${plan.rootName} "$machine_before"` : sh`:`}
    answer progress stopping
    machine_stop
  fi
fi
if [ -n "$machine_next" ]; then generation_exchange ${plan.rootName} "$machine_next"; machine_exchanged=$machine_next; fi
${lines(plan.beforeStart)}
${settleLinks(plan)}
`,
    plan.running ? startOrRollBack(plan, bringUp) : sh`:`,
    sh`machine_answer`,
  ]);
}

/** Refuses what overrides the units of all machines, or more. */
function expectUnit({ overridable: { restart, live } }: MachinePlan): Script {
  const keys = [...restart, ...live];
  return keys.length === 0 ? sh`:` : sh`unit_expect ${keys}`;
}

/** Undoes what overrides the machine's unit. It looks for the reason, because a reload alone may not help. */
function reclaimUnit({ keepsUnitFile, overridable: { restart, live } }: MachinePlan): Script {
  const reclaim = (variable: Script, keys: readonly string[]) =>
    keys.length === 0 ? [] : [sh`if unit_reclaim ${keys}; then ${variable}=yes; fi`];
  return lines([
    sh`if unit_restore masks; then files_live=yes; fi`,
    ...(keepsUnitFile ? [] : [sh`if unit_restore all; then files_restart=yes; fi`]),
    ...reclaim(sh`files_restart`, restart),
    ...reclaim(sh`files_live`, live),
    sh`[ -n "$files_restart$files_live$machine_reload" ] || ! unit_unread || machine_reload=unread`,
  ]);
}

/** A running machine gets back a link or a mount only when it starts. */
function restartIfLost({ hostLinks, mounted }: MachinePlan): Script {
  const checks = [
    ...hostLinks.map((link) => sh`link_present ${link.interface} || files_restart=yes`),
    ...mounted.map(({ source, target }) => sh`! machine_mount_lost ${source} ${target} || files_restart=yes`),
  ];
  if (checks.length === 0) return sh`:`;
  return sh`if machine_active && machine_find_leader; then
${lines(checks)}
fi`;
}

/** A machine that starts gets its links as they are to be. */
function settleLinks({ hostLinks }: MachinePlan): Script {
  if (hostLinks.length === 0) return sh`:`;
  return sh`if machine_active; then
${lines(hostLinks.map(settleLink))}
fi`;
}

// Not only until the next boot (`enabled-runtime`).
const ensureEnabled = sh`
if [ "$(systemctl is-enabled "$machine_unit" 2>/dev/null)" != enabled ] || ! systemctl -q is-enabled machines.target; then
  systemctl -q --no-reload enable "$machine_unit" machines.target
  machine_reload=enablement
fi
`;

const ensureDisabled = sh`
if systemctl -q is-enabled "$machine_unit"; then
  systemctl -q --no-reload disable "$machine_unit"
  machine_reload=enablement
fi
`;

function startOrRollBack(plan: MachinePlan, bringUp: Script): Script {
  return sh`
if machine_active; then
  machine_start_dependents
elif ${bringUp}; then
  machine_warnings=$(machine_complaints || :)
  ${inheritedComplaints(plan)}
  [ -z "$machine_warnings" ] || refuse settings-ignored "$machine_warnings"
else
  machine_reason=$machine_why
  machine_journal_written
  machine_lines=$(machine_journal ${JOURNAL_LINES})
  if [ -z "$machine_exchanged" ] || [ -z "$machine_before" ]; then refuse boot-failed "$machine_reason" "$machine_lines"; fi
  answer progress "rolling back to the old root"
  machine_stop
  generation_exchange ${plan.rootName} "$machine_before"
  if ${bringUp}; then refuse root-rolled-back "$machine_reason" "$machine_lines" "$machine_exchanged"; fi
  refuse boot-failed "$machine_reason; and the old root did not start either: $machine_why" "$machine_lines"
fi
machine_find_state
if [ "$machine_state" = degraded ]; then
  answer degraded "$(machine_failed_units)"
fi
`;
}

/** What systemd ignores of an adopted file, it ignored before. */
function inheritedComplaints({ ownLines }: MachinePlan): Script {
  if (ownLines === undefined) return sh`:`;
  return sh`machine_inherited=$(printf '%s\n' "$machine_warnings" | machine_complaints_about others ${ownLines.join(" ")})
  [ -z "$machine_inherited" ] || answer settings-inherited "$machine_inherited"
  machine_warnings=$(printf '%s\n' "$machine_warnings" | machine_complaints_about ours ${ownLines.join(" ")})`;
}

function expectFree(plan: MachinePlan): Script {
  return sh`
  if machine_active || [ -e ${`/etc/systemd/nspawn/${plan.name}.nspawn`} ]; then refuse foreign; fi
  for machine_file in ${[...plan.files.restart.keys(), ...plan.files.live.keys()]}; do
    [ ! -e "$machine_file" ] || refuse foreign-file "$machine_file"
  done
  unit_expect_none
`;
}

/** Refuses, naming the first setting that the host's systemd is too old for. */
function refuseOlderSystemd(needs: readonly Need[]): Script {
  const newest = [...needs].sort((a, b) => b.systemd - a.systemd);
  const checks = newest.map(
    ({ what, systemd }) =>
      sh`[ "$machine_systemd" -ge ${systemd} ] || refuse older-systemd ${what} ${systemd} "$machine_systemd"`,
  );
  if (checks.length === 0) return sh`:`;
  return lines([sh`machine_systemd=$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')`, ...checks]);
}
