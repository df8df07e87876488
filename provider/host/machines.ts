import { lines, type Script, sh } from "../remote";
import { machineUnit } from "../systemd/unit-file";
import { ensureFiles, fileFunctions, type OwnedFiles, removeFiles } from "./files";
import { generationFunctions } from "./generations";
import { markerFunctions, STATE_DIRECTORY } from "./ownership";

/** Something that a machine was asked for, and the version of systemd that has it. */
export interface Need {
  /** As the user wrote it: `settings.Exec.SuppressSync`. */
  readonly what: string;
  readonly systemd: number;
}

/** What a machine on a host shall be. */
export interface MachinePlan {
  readonly name: string;
  /** The root it runs from: its own name, or another's where it is ephemeral. */
  readonly rootName: string;
  readonly owner: string;
  /** True for a create: nothing of that name may be there, except an unfinished create of the same URN. */
  readonly fresh: boolean;
  readonly adopt: boolean;
  readonly urn: string;
  readonly files: OwnedFiles;
  /** What only a newer systemd knows. */
  readonly needs: readonly Need[];
  /** Run before anything is changed; they may refuse. */
  readonly checks: readonly Script[];
  /** Run as soon as the files are in place: what the checks locked is still locked. */
  readonly settle: readonly Script[];
  /** Run whenever the files are in place, before the start; they look before they change anything. */
  readonly apply: readonly Script[];
  readonly running: boolean;
  readonly autostart: boolean;
  readonly waitFor: "started" | "booted" | "networked";
  /** Links of its own that are waited for: the end inside, and the address it gets where that is known. */
  readonly links: readonly { readonly inside: string; readonly address?: string }[];
  /** Seconds for the boot. */
  readonly bootSeconds: number;
}

function machineMarkerPath(name: string): string {
  return `${STATE_DIRECTORY}/machines/${name}.json`;
}

function manifestPath(name: string): string {
  return `${STATE_DIRECTORY}/machines/${name}.files`;
}

const JOURNAL_LINES = 40;

/** Shell functions about one machine; `machine_name` and `machine_unit` are set before. */
const functions: Script = sh`
machine_active() { systemctl -q is-active "$machine_unit"; }
machine_marker_field() { marker_field "$machine_marker" "$1"; }
machine_journal() {
  machine_invocation=$(systemctl show -p InvocationID --value "$machine_unit")
  [ -z "$machine_invocation" ] ||
    journalctl -q --no-pager -o cat -n "$1" _SYSTEMD_INVOCATION_ID="$machine_invocation" + INVOCATION_ID="$machine_invocation"
}
# Also one that systemd is about to start again is not at rest.
machine_at_rest() { case $(systemctl is-active "$machine_unit") in inactive | failed | unknown) return 0 ;; *) return 1 ;; esac; }
# Units that require it stop with it. They are started again with it, also where one script stops it and another starts it.
machine_note_dependents() {
  for machine_dependent in $(systemctl show -p RequiredBy -p BoundBy --value -- "$1"); do
    case " $machine_dependents " in *" $machine_dependent "*) continue ;; esac
    systemctl -q is-active -- "$machine_dependent" || continue
    machine_dependents="$machine_dependents $machine_dependent"
    machine_note_dependents "$machine_dependent"
  done
}
machine_start_dependents() {
  [ -e "/run/pulumi-nspawn/dependents/$machine_name" ] || return 0
  machine_dependents=$(cat "/run/pulumi-nspawn/dependents/$machine_name")
  systemctl start -- $machine_dependents || answer warning "these stopped with the machine $machine_name, and do not start again:$machine_dependents"
  rm -f -- "/run/pulumi-nspawn/dependents/$machine_name"
}
machine_stop() {
  machine_dependents=
  machine_note_dependents "$machine_unit"
  if [ -n "$machine_dependents" ]; then
    mkdir -p /run/pulumi-nspawn/dependents
    printf '%s\n' "$machine_dependents" >>"/run/pulumi-nspawn/dependents/$machine_name"
  fi
  systemctl stop "$machine_unit" || systemctl kill -s KILL --kill-whom=all "$machine_unit" || :
  systemctl reset-failed "$machine_unit" 2>/dev/null || :
}
machine_start() {
  systemctl reset-failed "$machine_unit" 2>/dev/null || :
  if ! systemctl start "$machine_unit"; then
    # systemd from 256 on can leave a mount behind when nspawn is killed; the start that fails removes it (issue 34776).
    machine_journal all | grep -q 'exists already, refusing' || return 1
    systemctl reset-failed "$machine_unit" 2>/dev/null || :
    systemctl start "$machine_unit" || return 1
  fi
  mkdir -p /run/pulumi-nspawn/started
  : >"/run/pulumi-nspawn/started/$machine_name"
}
machine_leader() { machinectl show "$machine_name" -p Leader --value 2>/dev/null; }
# Lines of INTERFACE ADDRESS, IPv4 first, in the order of the links.
machine_links() {
  nsenter -t "$(machine_leader)" -n ip -o addr show scope global 2>/dev/null |
    awk '$2 ~ /^host[0-9]+$/ { sub("/.*", "", $4); print ($4 ~ /:/), $2, $4 }' | sort -k 1,1 -k 2,2 -s | cut -d ' ' -f 2-
}
machine_addresses() { machine_links | cut -d ' ' -f 2; }
# Each argument is INTERFACE=ADDRESS; without an address any IPv4 address will do.
machine_networked() {
  machine_now=$(machine_links)
  for machine_link; do
    if [ -n "\${machine_link#*=}" ]; then printf '%s\n' "$machine_now" | grep -qxF -- "\${machine_link%%=*} \${machine_link#*=}" || return 1
    else printf '%s\n' "$machine_now" | grep -q "^\${machine_link%%=*} [0-9.]*\$" || return 1; fi
  done
}
# A name that is too long is kept by the kernel as an alternative one.
machine_interface() {
  { ip -o link show dev "ve-$machine_name" || ip -o link show dev "vb-$machine_name"; } 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
}
machine_reached() {
  case $1 in
    started) return 0 ;;
    booted)
      machine_state=$(timeout 10 systemctl -M "$machine_name" is-system-running 2>/dev/null) || :
      case $machine_state in running|degraded) return 0 ;; *) return 1 ;; esac ;;
    networked) machine_networked $machine_expected ;;
  esac
}
machine_wait() {
  until machine_reached "$1"; do
    machine_active || { machine_why="it stopped before it was $1"; return 1; }
    [ "$(date +%s)" -lt "$2" ] || { machine_why="it was not $1 in time"; return 1; }
    sleep 0.1
  done
}
machine_bring_up() {
  machine_why="its unit did not start"
  answer progress starting
  machine_start || return 1
  machine_deadline=$(($(date +%s) + $1)); shift
  for machine_level; do answer progress "waiting until $machine_level"; machine_wait "$machine_level" "$machine_deadline" || return 1; done
  machine_start_dependents
}
machine_stale() {
  [ -e "/run/pulumi-nspawn/started/$machine_name" ] || return 1
  for machine_file; do [ ! "$machine_file" -nt "/run/pulumi-nspawn/started/$machine_name" ] || return 0; done
  return 1
}
machine_answer() {
  machine_now=$(systemctl is-active "$machine_unit" || :)
  answer active "$machine_name" "$machine_now"
  answer enabled "$machine_name" "$(systemctl is-enabled "$machine_unit" 2>/dev/null || :)"
  [ "$machine_now" = active ] || return 0
  machine_pid=$(machine_leader) || return 0
  answer system-state "$machine_name" "$(timeout 10 systemctl -M "$machine_name" is-system-running 2>/dev/null || :)"
  answer leader "$machine_name" "$machine_pid"
  answer boot-id "$machine_name" "$(cat "/proc/$machine_pid/root/proc/sys/kernel/random/boot_id" 2>/dev/null || :)"
  answer interface "$machine_name" "$(machine_interface)"
  for machine_address in $(machine_addresses); do answer address "$machine_name" "$machine_address"; done
}
`;

function about(name: string): Script {
  return sh`machine_name=${name}; machine_unit=${machineUnit(name)}; machine_marker=${machineMarkerPath(name)}`;
}

/** Observes, then brings a machine to its plan; a new root that does not boot is exchanged back for the old one. */
export function ensureMachine(plan: MachinePlan): Script {
  const levels = {
    started: ["started"],
    booted: ["booted"],
    networked: ["booted", ...(plan.links.length > 0 ? ["networked"] : [])],
  };
  const marker = (complete: boolean) =>
    JSON.stringify({ owner: plan.owner, complete: complete ? "yes" : "no", root: plan.rootName, urn: plan.urn });
  const paths = [...plan.files.restart.keys()];
  const bringUp = sh`machine_bring_up ${plan.bootSeconds} ${levels[plan.waitFor]}`;
  return lines([
    fileFunctions,
    markerFunctions,
    generationFunctions,
    functions,
    about(plan.name),
    sh`machine_expected=${plan.links.map(({ inside, address = "" }) => `${inside}=${address}`).join(" ")}`,
    plan.fresh ? claim(plan) : ownOrRefuse(plan.owner),
    refuseOlderSystemd(plan.needs),
    ...plan.checks,
    sh`
mkdir -p -- ${`${STATE_DIRECTORY}/machines`}
[ "$(machine_marker_field complete)" = yes ] || file_present "$machine_marker" ${marker(false)} 0600 || :
answer claimed
generation_recover ${plan.rootName}
machine_next=$(generation_newest_waiting ${plan.rootName})
machine_before=$(generation_holder ${plan.rootName})
[ -n "$machine_next" ] || [ -d ${`/var/lib/machines/${plan.rootName}`} ] || refuse no-root ${plan.rootName}
${ensureFiles(manifestPath(plan.name), plan.files)}
${lines(plan.settle)}
if [ -n "$files_restart$files_live" ]; then systemctl daemon-reload; fi
machine_stale ${paths} && files_restart=yes || :
if ! machine_at_rest; then
  if [ -n "$files_restart$machine_next" ] || [ ${plan.running ? "yes" : "no"} = no ]; then answer progress stopping; machine_stop; fi
fi
machine_exchanged=
if [ -n "$machine_next" ]; then generation_exchange ${plan.rootName} "$machine_next"; machine_exchanged=$machine_next; fi
${lines(plan.apply)}
${plan.autostart ? sh`systemctl -q enable "$machine_unit" machines.target` : sh`systemctl -q disable "$machine_unit"`}
`,
    plan.running ? startOrGoBack(plan, bringUp) : sh`:`,
    sh`
file_present "$machine_marker" ${marker(true)} 0600 || :
machine_answer
`,
  ]);
}

function startOrGoBack(plan: MachinePlan, bringUp: Script): Script {
  return sh`
if machine_active; then
  machine_start_dependents
elif ${bringUp}; then
  machine_warnings=$(machine_journal all | grep -F "/$machine_name.nspawn:" || :)
  [ -z "$machine_warnings" ] || refuse settings-ignored "$machine_warnings"
else
  machine_reason=$machine_why
  machine_lines=$(machine_journal ${JOURNAL_LINES})
  if [ -z "$machine_exchanged" ] || [ -z "$machine_before" ]; then refuse boot-failed "$machine_reason" "$machine_lines"; fi
  answer progress "going back to the old root"
  machine_stop
  generation_exchange ${plan.rootName} "$machine_before"
  if ${bringUp}; then refuse went-back "$machine_reason" "$machine_lines" "$machine_exchanged"; fi
  refuse boot-failed "$machine_reason; and the old root did not start either: $machine_why" "$machine_lines"
fi
if [ "$(systemctl -M "$machine_name" is-system-running 2>/dev/null)" = degraded ]; then
  answer degraded "$(systemctl -M "$machine_name" list-units --failed --no-legend --plain 2>/dev/null | awk '{ print $1 }' | tr '\n' ' ')"
fi
`;
}

/** A create takes what is free, or goes on with unfinished work: its own, or that of a killed create of the same URN. */
function claim(plan: MachinePlan): Script {
  return sh`
if [ -e "$machine_marker" ]; then
  machine_other=$(machine_marker_field owner)
  if [ "$machine_other" != ${plan.owner} ] && [ ${plan.adopt ? "yes" : "no"} = no ]; then
    [ "$(machine_marker_field complete)" = no ] && grep -qF ${JSON.stringify(plan.urn)} "$machine_marker" || refuse claimed "$(machine_marker_field urn)"
  fi
  [ "$machine_other" = ${plan.owner} ] || rm -f -- "$machine_marker"
elif [ ${plan.adopt ? "yes" : "no"} = no ]; then
  if machine_active || [ -e ${`/etc/systemd/nspawn/${plan.name}.nspawn`} ]; then refuse foreign; fi
  for machine_file in ${[...plan.files.restart.keys(), ...plan.files.live.keys()]}; do
    [ ! -e "$machine_file" ] || refuse foreign-file "$machine_file"
  done
fi
`;
}

function ownOrRefuse(owner: string): Script {
  return sh`
[ -e "$machine_marker" ] || refuse lost
[ "$(machine_marker_field owner)" = ${owner} ] || refuse claimed "$(machine_marker_field urn)"
`;
}

/** Names the first setting that the host's systemd is too old for. */
function refuseOlderSystemd(needs: readonly Need[]): Script {
  const newest = [...needs].sort((a, b) => b.systemd - a.systemd);
  const checks = newest.map(
    ({ what, systemd }) =>
      sh`[ "$machine_systemd" -ge ${systemd} ] || refuse older-systemd ${what} ${systemd} "$machine_systemd"`,
  );
  if (checks.length === 0) return sh`:`;
  return lines([sh`machine_systemd=$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')`, ...checks]);
}

/**
 * Stops a machine and removes what is its own on the host; nothing where the host has another generation or none. What
 * `release` runs has to follow when the files are gone.
 */
export function removeMachine(name: string, owner: string, release: readonly Script[]): Script {
  return lines([
    fileFunctions,
    markerFunctions,
    functions,
    about(name),
    sh`
if [ -e "$machine_marker" ] && [ "$(machine_marker_field owner)" = ${owner} ]; then
  answer progress stopping
  systemctl -q disable "$machine_unit" 2>/dev/null || :
  if systemctl list-units --all --no-legend "$machine_unit" | grep -q .; then machine_stop; fi
${removeFiles(manifestPath(name))}
  rm -f -- "/run/pulumi-nspawn/started/$machine_name"
  systemctl daemon-reload
${lines(release)}
  file_absent "$machine_marker" || :
  rmdir -- ${STATE_DIRECTORY} 2>/dev/null || :
fi
`,
  ]);
}

/** Answers every machine of ours: its files, its unit, its addresses. */
export const machinesInventory: Script = lines([
  generationFunctions,
  fileFunctions,
  markerFunctions,
  functions,
  sh`
for machine_marker in ${STATE_DIRECTORY}/machines/*.json; do
  [ -e "$machine_marker" ] || continue
  machine_name=\${machine_marker##*/}; machine_name=\${machine_name%.json}
  machine_unit=systemd-nspawn@$machine_name.service
  answer_file machine "$machine_name" "$machine_marker"
  machine_root=$(machine_marker_field root)
  answer waiting "$machine_name" "$(generation_newest_waiting "$machine_root")"
  files_answer machine-file "$machine_name" "\${machine_marker%.json}.files"
  machine_answer
done
`,
]);
