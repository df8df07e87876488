import { createHmac } from "node:crypto";
import { lines, prelude, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { identify } from "../identity";
import type { Job } from "../jobs/transient-unit";
import { aboutClaim, type Claim, markerText, STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";
import { ensureText, type GuestPlan, inspectText, removeText } from "./guest-plan";

export type { GuestPlan } from "./guest-plan";
export type { GuestStep } from "./guest-steps";

/** Who a plan belongs to, and its machine. */
export interface ProvisionKey {
  readonly claim: Claim;
  readonly machine: string;
}

const DIRECTORY = `${STATE_DIRECTORY}/provisions`;
const WORK = "/run/pulumi-nspawn/provision";
/** The unit inside the guest: one piece of work at a time, so that the rest of a killed one is found by this name. */
const INNER = "pulumi-nspawn-provision.service";
/** Other work in the same machine may be a whole installation. */
const LOCK_SECONDS = 3600;
/** As long as a job may run. */
const WORK_SECONDS = 6 * 3600;
/** What work prints that says every second what it does; the output of steps stays in the machine. */
const WORK_BYTES = 8 * 2 ** 20;
const REMOVAL_SECONDS = 3000;
const REMOVAL_BYTES = 2 ** 20;

/** Where the claim of a plan is. */
export function markerPath(owner: string): string {
  return `${DIRECTORY}/${owner}.json`;
}

function about(machine: string): Script {
  return sh`provision_machine=${machine}`;
}

/**
 * Brings the inside of a machine to a plan. Anything with secrets goes through a file that only root can read, never
 * through a unit, and the name of the unit has a hash that only somebody who knows the owner ID can compute.
 */
export function provisionJob(key: ProvisionKey, plan: GuestPlan, machineId: string | undefined): Job {
  const { claim, machine } = key;
  const { owner } = claim;
  const text = ensureText(owner, plan);
  const hash = createHmac("sha256", owner).update(text).digest("hex").slice(0, 8);
  const work = `${WORK}/${owner}.work`;
  return {
    unit: `pulumi-nspawn-provision-${machine}-${hash}`,
    description: `Work inside the machine ${machine}`,
    private: true,
    prepare: lines([
      identify(machineId),
      about(machine),
      aboutClaim(claim),
      sh`
provision_runs || refuse not-running ${machine}
provision_ready
mkdir -p ${WORK}
if [ ! -e ${markerPath(owner)} ]; then
  # Resumes what a create of the same resource left, even if it finished: nobody recorded it.
  for provision_marker in ${DIRECTORY}/*.json; do
    [ "$(claim_standing "$provision_marker")" = leftover ] || continue
    marker_is "$provision_marker" machine ${machine} && marker_is "$provision_marker" urn ${claim.urn} || continue
    file_save ${`${WORK}/${owner}.former`} "$(marker_field "$provision_marker" owner)"
    rm -f -- "$provision_marker" "\${provision_marker%.json}.inspect"
  done
fi
file_present ${markerPath(owner)} ${markerText(claim, { machine })} 0600 || :
file_present ${`${DIRECTORY}/${owner}.inspect`} ${inspectText(owner, plan)} 0600 || :
file_save ${work} ${text}
`,
    ]),
    done: sh`false`,
    script: lines([
      prelude,
      about(machine),
      exclusively(
        `provision-${machine}`,
        LOCK_SECONDS,
        sh`
# systemd also signals new processes in the unit, and every process twice: this has to survive that. A systemctl that
# has just forked to reach the machine's bus may not.
trap 'trap "" TERM; provision_persist provision_ask 100 stop ${INNER} || :' TERM
provision_former=$(cat ${`${WORK}/${owner}.former`} 2>/dev/null || :)
provision_text=$(cat ${work}; printf .)
provision_ask 100 stop ${INNER} || :
provision_status=0
{ printf 'provision_former=%s\n' "$provision_former"; printf %s "\${provision_text%.}"; } | provision_inside log ${WORK_SECONDS} ${WORK_BYTES} --unit=${INNER} 9>&- || provision_status=$?
rm -f -- ${work}
[ "$provision_status" = 0 ] || exit "$provision_status"
rm -f -- ${`${WORK}/${owner}.former`}
`,
      ),
    ]),
  };
}

/** Answers the current state of a machine's inside: `provision OWNER MACHINE STATE TEXT`. */
export function inspectInside(owner: string): Script {
  return sh`provision_inspect ${owner}`;
}

/** The same for all machines of a host, which are inspected in parallel. */
export const provisionsInventory: Script = lines([
  sh`
provision_answers=$(mktemp -d)
for provision_marker in ${DIRECTORY}/*.json; do
  [ -e "$provision_marker" ] || continue
  provision_owner=\${provision_marker##*/}; provision_owner=\${provision_owner%.json}
  provision_inspect "$provision_owner" >"$provision_answers/$provision_owner" &
done
wait
cat "$provision_answers"/* 2>/dev/null || :
rm -rf -- "$provision_answers"
`,
]);

/**
 * Removes what was created inside a running machine, and the host's records of it. Answers `inside` with what the removal
 * printed there, which is the guest's word, or `stopped` if the machine is down.
 */
export function removeProvision({ owner, machine }: { readonly owner: string; readonly machine: string }): Script {
  return lines([
    about(machine),
    exclusively(
      `provision-${machine}`,
      LOCK_SECONDS,
      sh`
if [ -e ${markerPath(owner)} ]; then
  if provision_runs; then
    provision_ready
    provision_ask 100 stop ${INNER} || :
    provision_status=0
    provision_text=$(printf %s ${removeText(owner)} | provision_inside answers ${REMOVAL_SECONDS} ${REMOVAL_BYTES} 9>&-) || provision_status=$?
    provision_removed "$provision_status" "$provision_text"
    answer inside "$provision_text"
  elif [ -d ${`/var/lib/machines/${machine}`} ]; then answer stopped; fi
  rm -f -- ${[`${DIRECTORY}/${owner}.inspect`, `${WORK}/${owner}.work`, `${WORK}/${owner}.former`]}
  file_absent ${markerPath(owner)} || :
  rmdir -- ${STATE_DIRECTORY} 2>/dev/null || :
fi
`,
    ),
  ]);
}
