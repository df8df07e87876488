import { type Answer, lines, type Script, visible } from "../remote";
import { STATE_DIRECTORY } from "./ownership";
import { type RootLook, rootLookOf } from "./root-look";
import { IMAGES } from "./roots/images";
import { sh } from "./sh";

/** A machine that somebody created by hand, as far as the host shows it. */
export interface Adoptable {
  readonly name: string;
  /** Its tree in /var/lib/machines; `undefined` if there is none. */
  readonly root: RootLook | undefined;
  /** Why its root is no tree there, though it has one, as a sentence; `undefined` otherwise. */
  readonly elsewhere: string | undefined;
  /** The `.nspawn` file that systemd-nspawn would read (systemd.nspawn(5), discovery); `undefined` if there is none. */
  readonly settings: { readonly path: string; readonly text: string } | undefined;
  readonly running: boolean;
  readonly autostart: boolean;
  /** URNs of the resources that have it already; for messages. */
  readonly owners: readonly string[];
}

/** Answers what one machine has to adopt. */
export function adoptable(name: string): Script {
  return sh`adoptable_answer ${name}`;
}

/** Answers the same for every machine on the host that no resource has. */
export const adoptables: Script = lines([
  sh`
for adoptable_path in ${IMAGES}/*; do
  adoptable_name=\${adoptable_path##*/}
  adoptable_name=\${adoptable_name%.raw}
  [ -d "$adoptable_path" ] || [ -L "$adoptable_path" ] || [ "$adoptable_path" != "\${adoptable_path%.raw}" ] || continue
  [ ! -e ${`${STATE_DIRECTORY}/machines`}/"$adoptable_name.json" ] || continue
  [ -z "$(generation_holder "$adoptable_name")" ] || continue
  adoptable_answer "$adoptable_name"
done
`,
]);

/** Reads what {@link adoptable} or {@link adoptables} answered. */
export function adoptablesOf(answers: readonly Answer[]): Adoptable[] {
  return answers.flatMap(({ key, values: [name = "", active, enabled] }) => {
    if (key !== "adoptable") return [];
    const about = (wanted: string) => answers.filter((answer) => answer.key === wanted && answer.values[0] === name);
    const [root] = about("adoptable-root");
    const found = answers.find(({ key, values }) => key === "adoptable-settings" && values[0]?.startsWith(`${name}\t`));
    const [place = "", text = ""] = found?.values ?? [];
    return {
      name,
      root: root && rootLookOf(root.values[1] ?? ""),
      elsewhere: elsewhere(name, about("adoptable-link")[0]?.values[1], about("adoptable-image").length > 0),
      settings: found && { path: place.slice(name.length + 1), text },
      running: active === "active",
      autostart: enabled === "enabled",
      owners: about("adoptable-owner").map(({ values }) => values[1] ?? ""),
    };
  });
}

function elsewhere(name: string, target: string | undefined, isImage: boolean): string | undefined {
  const path = `${IMAGES}/${name}`;
  if (isImage) return `its root is the disk image ${path}.raw, and only a directory can be adopted.`;
  if (target === undefined) return undefined;
  return (
    `${path} is a symbolic link to ${visible(target)}, and only a directory can be adopted. Move the root there while ` +
    `the machine is off (rm ${path}, then mv), or mount its file system there.`
  );
}
