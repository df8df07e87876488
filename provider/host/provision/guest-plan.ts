import { lines, prelude, type Script } from "../../remote";
import { insideText } from "../roots/in-root";
import { sh } from "../sh";
import { GUEST_DIRECTORY, guestDirectory } from "./guest";
import { ensureFile, type GuestFile, inspectFile } from "./guest-files";
import { type GuestRepository, repositoryStep, requireGit } from "./guest-repositories";
import { ensureStep, forgetOtherSteps, type GuestStep, inspectStep, startSteps } from "./guest-steps";
import { ensureUser, type GuestUser, inspectUser, sudoFile } from "./guest-users";

/** What a guest should have. */
export interface GuestPlan {
  readonly users: readonly GuestUser[];
  readonly files: readonly GuestFile[];
  readonly repositories: readonly GuestRepository[];
  readonly steps: readonly GuestStep[];
}

/** How long an inspection waits for the steps at the start of the machine before it does without. */
const INSPECT_SECONDS = 10;
/** Inside, only work and the steps at the start exclude each other, by a lock that only the guest's root can open. */
const openLock = sh`
(umask 077; mkdir -p /run/pulumi-nspawn-provision)
exec 9>>/run/pulumi-nspawn-provision/lock
`;

/** The script that brings a guest to its plan; `provision_former` is the owner whose unfinished work it resumes. */
export function ensureText(owner: string, plan: GuestPlan): string {
  const { users, files, repositories } = plan;
  const steps = allSteps(plan);
  const unit = startUnit(owner, steps);
  const wanted = [
    ...users.flatMap(({ name, group }) => [`user ${name}`, `group ${group}`]),
    ...[...files, ...users.filter(({ sudo }) => sudo).map(({ name }) => sudoFile(name)), ...unit].map(
      ({ path }) => `file ${path}`,
    ),
  ].join("\n");
  return insideText(
    lines([
      functions(owner),
      sh`
cd -- /
if [ -n "$provision_former" ] && [ ! -e "$provision_dir" ] && [ -e ${GUEST_DIRECTORY}"/$provision_former" ]; then
  mv -T -- ${GUEST_DIRECTORY}"/$provision_former" "$provision_dir"
fi
(umask 077; mkdir -p -- "$provision_dir/steps")
${openLock}
flock 9
trap '[ -z "$provision_credentials" ] || rm -rf -- "$provision_credentials"' EXIT
rm -rf /run/pulumi-nspawn-credentials.* "$provision_dir/warnings"
provision_say "looking"
`,
      requireGit(repositories),
      ...users.map(ensureUser),
      ...files.map(ensureFile),
      sh`provision_wanted=${wanted}`,
      unit.length === 0
        ? disableUnit(owner)
        : lines([...unit.map(ensureFile), sh`systemctl -q daemon-reload; systemctl -q enable ${unitName(owner)}`]),
      removeUnwanted,
      ...steps.map(ensureStep),
      forgetOtherSteps(steps),
    ]),
  );
}

/**
 * The script that checks whether a guest is as planned; answers `drift`, `result`, `warning` and at its end `looked`. It
 * answers `busy`, and no `drift`, if work runs meanwhile, which the host knows: `provision_idle` is its word.
 */
export function inspectText(owner: string, plan: GuestPlan): string {
  const steps = allSteps(plan);
  return insideText(
    lines([
      functions(owner),
      sh`
${openLock}
if [ -z "$provision_idle" ] || ! flock -w ${INSPECT_SECONDS} 9; then
  provision_idle=
  answer busy
else
:
`,
      ...plan.users.map(inspectUser),
      ...[...plan.files, ...startUnit(owner, steps)].map(inspectFile),
      sh`fi`,
      ...steps.map(inspectStep),
      sh`
if [ -e "$provision_dir/warnings" ]; then
  while read -r provision_each; do answer warning "$provision_each"; done <"$provision_dir/warnings"
fi
answer looked
`,
    ]),
  );
}

/**
 * The script that removes what was created and can be created again: never a home, a repository or a step's results.
 */
export function removeText(owner: string): string {
  return insideText(
    lines([
      functions(owner),
      sh`
if [ -d "$provision_dir" ]; then
  ${openLock}
  flock 9
  rm -f -- "$provision_dir/warnings"
  provision_wanted=
  ${disableUnit(owner)}
  ${removeUnwanted}
  if [ -e "$provision_dir/warnings" ]; then answer warning "$(cat -- "$provision_dir/warnings")"; fi
  rm -rf -- "$provision_dir"
  rmdir -p -- ${GUEST_DIRECTORY} 2>/dev/null || :
fi
`,
    ]),
  );
}

function allSteps({ repositories, steps }: GuestPlan): readonly GuestStep[] {
  return [...repositories.map(repositoryStep), ...steps];
}

function functions(owner: string): Script {
  return lines([prelude, sh`provision_dir=${guestDirectory(owner)}`]);
}

/** Files first, then the users that may own them, then the users' groups. */
const removeUnwanted: Script = sh`
for provision_kind in file user group; do
  [ -e "$provision_dir/made" ] || break
  sed -n "s/^$provision_kind //p" "$provision_dir/made" >"$provision_dir/made.old"
  while read -r provision_name <&3; do
    ! printf '%s\n' "$provision_wanted" | grep -qxF -- "$provision_kind $provision_name" || continue
    case $provision_kind in
      file) provision_file_remove "$provision_name" ;;
      user) provision_user_remove "$provision_name" ;;
      group) provision_group_remove "$provision_name" ;;
    esac
    provision_left=$(grep -vxF -- "$provision_kind $provision_name" "$provision_dir/made" || :)
    file_present "$provision_dir/made" "$provision_left\${provision_left:+
}" any || :
  done 3<"$provision_dir/made.old"
done
`;

function unitName(owner: string): string {
  return `pulumi-nspawn-start-${owner}.service`;
}

/** A unit in the guest runs these steps, so that they also run after a reboot, and after this library is gone. */
function startUnit(owner: string, steps: readonly GuestStep[]): readonly GuestFile[] {
  const own = startSteps(steps);
  if (own.length === 0) return [];
  const script = `${guestDirectory(owner)}/start`;
  const text = insideText(
    lines([
      functions(owner),
      sh`
plain_answers
${openLock}
flock 9
`,
      ...own.map(ensureStep),
    ]),
  );
  const unit = [
    "[Unit]",
    "Description=Steps of pulumi-nspawn at each start",
    "After=network-online.target",
    "[Service]",
    "Type=exec",
    `ExecStart=/bin/sh ${script}`,
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
  const file = { owner: "root", group: "root" };
  return [
    { ...file, path: script, content: text, mode: "0600" },
    { ...file, path: `/etc/systemd/system/${unitName(owner)}`, content: unit, mode: "0644" },
  ];
}

function disableUnit(owner: string): Script {
  const name = unitName(owner);
  return sh`if [ -e /etc/systemd/system/${name} ]; then systemctl -q disable --now ${name}; fi`;
}
