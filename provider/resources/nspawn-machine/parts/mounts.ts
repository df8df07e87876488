import { sh } from "../../../host/sh";
import { describeHost, lines, type Script } from "../../../remote";
import { quoteColonField, renderColonFields } from "../../../systemd/colon-fields";
import { isWithin } from "../../../systemd/paths";
import type { Entry } from "../../../systemd/settings-file";
import { bytesOf } from "../../../systemd/size";
import { quoteUnitWord } from "../../../systemd/unit-words";
import type { Bind, Ownership } from "../../fragments/bind";
import { refuseForeign } from "../../fragments/host";
import type { Mount } from "../../fragments/mounts";
import { type Contribution, merge, type Part } from "../contribution";
import type { MachineInputs } from "../inputs";
import { mapsUsers } from "./private-users";

type PrivateUsers = MachineInputs["privateUsers"];

/** What is mounted in the guest beside its root. */
export const mountsPart: Part = {
  inputs: ["mounts"],
  owns: () => [
    "Files.Bind",
    "Files.BindReadOnly",
    "Files.TemporaryFileSystem",
    "Files.Inaccessible",
    "Files.Overlay",
    "Files.OverlayReadOnly",
  ],
  of: (inputs) => merge(inputs.mounts.map((mount) => contributionOf(mount, inputs))),
};

/** Sentences that refuse mounts that a machine cannot have, whatever is on the host. */
export function refuseMounts({ mounts, host, privateUsers }: MachineInputs): string[] {
  return mounts.flatMap((mount) => {
    if ("bind" in mount) {
      const foreign = refuseForeign(`the BindMount of "${mount.bind.source}"`, mount.bind.host, host);
      const problem = foreign ?? problemOfBind(mount.bind, privateUsers);
      return problem === undefined ? [] : [`mounts: ${problem}`];
    }
    if (!("overlay" in mount) || mount.readOnly || belongsToSomebody(privateUsers)) return [];
    return [
      `mounts: the overlay at "${mount.target}" could not be written to: systemd-nspawn maps no user IDs of overlays, so to a machine ` +
        "with user IDs of its own all in it belongs to nobody (systemd issue 25886). Set `readOnly: true` on it; or, on the machine, " +
        '`privateUsers: false`, or fixed user IDs to whose first one the directories belong, such as `privateUsers: "1342177280"`.',
    ];
  });
}

/** Whether directories on the host can belong to users of the machine as they are: who they are is known before the start. */
function belongsToSomebody(privateUsers: PrivateUsers): boolean {
  return privateUsers !== true && privateUsers !== "managed";
}

function problemOfBind({ source, ownership, recursive }: Bind, privateUsers: PrivateUsers): string | undefined {
  if (privateUsers === false && (ownership === "rootidmap" || ownership === "owneridmap")) {
    return (
      `ownership "${ownership}" of "${source}" maps user IDs, and the machine has those of the host: \`privateUsers\` is false. ` +
      'Leave `ownership` at "auto".'
    );
  }
  if (recursive && mappingOf(source, ownership, privateUsers) !== undefined) {
    return (
      `"${source}" is recursive and its user IDs are mapped, and systemd-nspawn does not map those of file systems that are mounted ` +
      "below (Device or resource busy). Give each such file system a BindMount of its own, whose targets may lie in each other; " +
      'or choose `ownership: "none"`.'
    );
  }
  return undefined;
}

function contributionOf(mount: Mount, inputs: MachineInputs): Contribution {
  if ("bind" in mount) return bind(mount.bind, inputs);
  if ("overlay" in mount) return overlay(mount, inputs);
  if ("inaccessible" in mount) return { nspawn: [files("Inaccessible", mount.inaccessible)] };
  const size = mount.size === undefined ? [] : [`size=${bytesOf(mount.size)}`];
  return {
    nspawn: [
      files("TemporaryFileSystem", `${quoteColonField(mount.tmpfs)}:${[`mode=${mount.mode}`, ...size].join(",")}`),
    ],
  };
}

const files = (key: string, value: string): Entry => ({ section: "Files", key, value });

function bind(mount: Bind, inputs: MachineInputs): Contribution {
  const { source, target, readOnly, recursive, ownership } = mount;
  const mapping = mappingOf(source, ownership, inputs.privateUsers);
  const options = [recursive ? "rbind" : "norbind", ...(mapping === undefined ? [] : [mapping])].join(",");
  return {
    nspawn: [files(readOnly ? "BindReadOnly" : "Bind", `${renderColonFields([source, target])}:${options}`)],
    unit: [
      waitFor(source),
      // The unit's DevicePolicy= is closed, so a device that it is not told of could be seen and not opened.
      ...(isWithin(source, "/dev")
        ? [{ section: "Service", key: "DeviceAllow", value: `${quoteUnitWord(source)} ${readOnly ? "r" : "rw"}` }]
        : []),
    ],
    needs: mapping === undefined ? [] : [{ what: needOf(mount), systemd: SINCE[mapping] }],
    checks: [
      sh`source_present ${source}`,
      mapping === undefined ? sh`:` : sh`source_mappable ${source}`,
      warnings(source, inputs, !readOnly && rootIsRoot(mapping, inputs.privateUsers)),
    ],
  };
}

type Mapping = Exclude<Ownership, "auto" | "none">;

/** The version of systemd that has an option (systemd-nspawn(1) and its history). */
const SINCE: Readonly<Record<Mapping, number>> = { idmap: 250, rootidmap: 252, owneridmap: 256 };

/** How user IDs are mapped. Where those of the machine are the host's there is nothing to do, and systemd-nspawn refuses to do it. */
function mappingOf(source: string, ownership: Ownership, privateUsers: PrivateUsers): Mapping | undefined {
  if (ownership === "none" || privateUsers === false) return undefined;
  if (ownership === "rootidmap" || ownership === "owneridmap") return ownership;
  // No kernel maps user IDs of devtmpfs; a device is used by its mode.
  const device = ownership === "auto" && isWithin(source, "/dev");
  return device || !mapsUsers(privateUsers) ? undefined : "idmap";
}

/** Whether root inside is the host's root in what is mounted. */
function rootIsRoot(mapping: Mapping | undefined, privateUsers: PrivateUsers): boolean {
  return mapping === "idmap" || (mapping === undefined && !mapsUsers(privateUsers));
}

function needOf({ source, ownership }: Bind): string {
  if (ownership === "auto") return `the mount of "${source}" in a machine with user IDs of its own (ownership "idmap")`;
  return `ownership "${ownership}" of "${source}"`;
}

/** The machine waits for the file system of a source: else a boot would show what is below the place where it is mounted. */
function waitFor(source: string): Entry {
  return { section: "Unit", key: "RequiresMountsFor", value: quoteUnitWord(source) };
}

function overlay(mount: Extract<Mount, { overlay: unknown }>, inputs: MachineInputs): Contribution {
  const { overlay: layers, target, readOnly } = mount;
  const looks = layers.map((layer, index) =>
    lines([
      sh`source_present ${layer}; source_directory ${layer}`,
      warnings(layer, inputs, !readOnly && index === layers.length - 1 && rootIsRoot(undefined, inputs.privateUsers)),
    ]),
  );
  return {
    nspawn: [files(readOnly ? "OverlayReadOnly" : "Overlay", renderColonFields([...layers, target]))],
    unit: layers.map(waitFor),
    checks: looks,
  };
}

/** What fellow users of the host could do, as `source_look` saw it; `asRoot` where the guest's root writes there as the host's. */
function warnings(source: string, { name, host }: MachineInputs, asRoot: boolean): Script {
  const place = describeHost(host.connection);
  const replaced = sh`[ -z "$source_open" ] || answer warning ${`users of ${place} other than root can write to `}"$source_open"${`: one of them could put a symbolic link in the place of "${source}", and the machine "${name}" would get what it leads to at its next start. Keep it where only root can write.`}`;
  if (!asRoot) return replaced;
  const planted = `users of ${place} can reach "${source}", where root inside the machine "${name}" can leave setuid programs of the host's root. Keep it below a directory that only root can enter (mode 0700), or on a file system that is mounted nosuid, or make it \`readOnly\`.`;
  return lines([
    replaced,
    sh`if [ -n "$source_reachable" ] && source_setuid ${source}; then answer warning ${planted}; fi`,
  ]);
}
