import { effectOf } from "../../provider/dynamic";
import { machineInputs } from "../../provider/resources/nspawn-machine/inputs";
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

A value that systemd would ignore is refused in the preview. A key or a value that the host's systemd is too old for is refused
before anything is changed there; the message names the version that has it, and the one that the host has. *Since* is that
version, *default* what holds without the key, *change* what changing it does to a running machine.

What this version of the library does not know is written as lines, which are passed as they stand:
\`settings: { lines: { Exec: ["NewKey=value"] } }\`.

Keys with a † only work in files that systemd trusts, such as those in \`/etc/systemd/nspawn\`, where the library writes.



${SECTIONS.map(typedTable).join("\n")}
## What the machine writes itself, and what is not for machines

These are refused in \`settings\`, with the last column as the reason. What a change does depends on the input.

${table(["key", "takes", "since", "in a machine", "what for", "instead"], NSPAWN_SETTINGS.filter((setting) => setting.instead !== undefined).map(otherRow))}`;
}

function typedTable(section: SectionName): string {
  const rows = typed(section).map((setting) => [
    ...described(setting),
    effectOf("settings", machineInputs.shape.settings, undefined, undefined),
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
