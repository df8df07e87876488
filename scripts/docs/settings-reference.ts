import { effectOf } from "../../provider/dynamic";
import { machineInputs } from "../../provider/resources/nspawn-machine/machine-inputs";
import { NSPAWN_SETTINGS, SECTIONS, type SectionName, type Setting } from "../../provider/systemd/nspawn-settings";
import { typed } from "./settings-interface";
import { table } from "./table";

/** The reference of all keys of systemd.nspawn(5), as Markdown. */
export function settingsReference(): string {
  return `# Settings of a machine

<!-- Written by \`npm run docs\`. -->

\`settings\` of an \`NspawnMachine\` takes the keys of systemd.nspawn(5) under their own names, by section:

\`\`\`ts
new nspawn.NspawnMachine("web", {
  rootfs,
  settings: { Exec: { NoNewPrivileges: true, LimitNOFILE: "1024:524288" }, Network: { MACVLAN: ["eth1"] } },
});
\`\`\`

The preview refuses a value that systemd would ignore. If the host's systemd is too old for a key or a value, \`up\` refuses it
before anything is changed there; the message names the required version and the host's. *Since* is the required version,
*default* is what applies without the key, *change* is the effect of a change on a running machine.

Write keys that this version of the library does not know as lines, which are passed on unchanged:
\`settings: { lines: { Exec: ["NewKey=value"] } }\`.

Keys with a † only work in files that systemd trusts, such as those in \`/etc/systemd/nspawn\`, where the library writes.

## What you write in \`settings\`

${SECTIONS.map(typedTable).join("\n")}
## What the machine writes itself, and what is not for machines

These are refused in \`settings\`, with the last column as the reason. What a change does depends on the input.

${table(["key", "takes", "since", "in a machine", "what for", "instead"], NSPAWN_SETTINGS.filter((setting) => setting.instead !== undefined).map(otherRow))}`;
}

function typedTable(section: SectionName): string {
  const rows = typed(section).map((setting) => [
    ...described(setting),
    effectOf("settings", machineInputs.shape.settings, undefined, undefined) ?? "",
    setting.does,
  ]);
  return `### \`[${section}]\`

${table(["key", "takes", "since", "default", "change", "what for"], rows)}`;
}

function otherRow(setting: Setting): string[] {
  const [key = "", ...rest] = described(setting);
  return [`[${setting.section}] ${key}`, ...rest, setting.does, setting.instead ?? ""];
}

function described({ key, kind, since, later, default: fallback, privileged }: Setting): string[] {
  const newer = later === undefined ? "" : `; ${later.what} ${later.since}`;
  return [`\`${key}\`${privileged ? " †" : ""}`, kind.takes, `${since}${newer}`, fallback];
}
