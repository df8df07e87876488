import * as pulumi from "@pulumi/pulumi";
import { effect } from "../../../dynamic";
import { sh } from "../../../host/sh";
import { describeHost, lines, type Script } from "../../../remote";
import { quoteColonField, renderColonFields } from "../../../systemd/colon-fields";
import { isWithin } from "../../../systemd/paths";
import type { Entry } from "../../../systemd/settings-file";
import { bytesOf, type Size } from "../../../systemd/size";
import { quoteUnitWord } from "../../../systemd/unit-words";
import type { Bind, BindMountRef, Ownership } from "../../fragments/bind-fragment";
import { refuseForeign } from "../../fragments/host-identity";
import { type Mount, mountsEffect, mountsSchema } from "../../fragments/mount-fragments";
import type { OnHost } from "../../on-host";
import { merge, type Rendered, type Values } from "../section";
import { mapsUsers, type PrivateUsers } from "./private-users";

/** A memory file system in the guest, `TemporaryFileSystem=` of systemd.nspawn(5). What is in it counts as the machine's memory. */
export interface TmpfsMount {
  /** Absolute path in the guest. */
  readonly tmpfs: pulumi.Input<string>;
  /** How much it holds: bytes, or a number with a unit as in `"1GiB"`. @default the kernel's, half of the host's memory */
  readonly size?: pulumi.Input<Size>;
  /** Octal permissions; it belongs to root. @default "0755" */
  readonly mode?: pulumi.Input<string>;
}

/** A file or directory of the guest's tree that nobody inside can open, `Inaccessible=` of systemd.nspawn(5). */
export interface InaccessibleMount {
  /** Absolute path in the guest, where it has to be there. */
  readonly inaccessible: pulumi.Input<string>;
}

/**
 * Directories of the host laid over each other, `Overlay=` of systemd.nspawn(5). What is written goes to the last one. systemd-nspawn
 * maps no user IDs of overlays, so a machine can write only with `privateUsers: false` or `"identity"`, or where the directories belong
 * to the fixed user IDs that it has.
 */
export interface OverlayMount {
  /** Absolute paths on the host, the lowest first; two at least. */
  readonly overlay: pulumi.Input<pulumi.Input<string>[]>;
  /** Absolute path in the guest. */
  readonly target: pulumi.Input<string>;
  /** Whether nothing can be written (`OverlayReadOnly=`). @default false */
  readonly readOnly?: pulumi.Input<boolean>;
  /** Says that a layer may be a directory by which the host is controlled, such as /etc. @default false */
  readonly exposeHost?: pulumi.Input<boolean>;
}

/** What a `BindMount` hands on; any resource of this shape is accepted where a mount is. */
export type BindMountLike = pulumi.CustomResource & { readonly ref: pulumi.Output<BindMountRef> };

/** What can be mounted in a guest: a `BindMount` or its `ref`, or a mount that needs nothing on the host before. */
export type MountInput = BindMountLike | BindMountRef | TmpfsMount | InaccessibleMount | OverlayMount;

/** What is mounted in a guest, as a program gives it. */
export interface MountsArgs {
  /**
   * What is mounted in the guest in addition to its root: `BindMount`s, `{ tmpfs }`, `{ inaccessible }`, `{ overlay }`. One target has one
   * mount; targets may lie in each other.
   * @default []
   */
  readonly mounts?: pulumi.Input<pulumi.Input<MountInput>[]>;
}

export const inputs = { mounts: effect(mountsEffect, mountsSchema.default([])) };

type Reads = Values<typeof inputs> & OnHost & { readonly name: string; readonly privateUsers: PrivateUsers };

export const keys = [
  "Files.Bind",
  "Files.BindReadOnly",
  "Files.TemporaryFileSystem",
  "Files.Inaccessible",
  "Files.Overlay",
  "Files.OverlayReadOnly",
];

/** What is mounted in the guest in addition to its root. */
export function render(inputs: Reads): Rendered {
  return merge(inputs.mounts.map((mount) => rendered(mount, inputs)));
}

/** Sentences that refuse mounts that a machine cannot have, whatever is on the host. */
export function refuse({ mounts, host, privateUsers }: Reads): string[] {
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

function rendered(mount: Mount, inputs: Reads): Rendered {
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

function bind(mount: Bind, inputs: Reads): Rendered {
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

function overlay(mount: Extract<Mount, { overlay: unknown }>, inputs: Reads): Rendered {
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
function warnings(source: string, { name, host }: Reads, asRoot: boolean): Script {
  const place = describeHost(host.connection);
  const replaced = sh`[ -z "$source_open" ] || answer warning ${`users of ${place} other than root can write to `}"$source_open"${`: one of them could put a symbolic link in the place of "${source}", and the machine "${name}" would get what it leads to at its next start. Keep it where only root can write.`}`;
  if (!asRoot) return replaced;
  const planted = `users of ${place} can reach "${source}", where root inside the machine "${name}" can leave setuid programs of the host's root. Keep it below a directory that only root can enter (mode 0700), or on a file system that is mounted nosuid, or make it \`readOnly\`.`;
  return lines([
    replaced,
    sh`if [ -n "$source_reachable" ] && source_setuid ${source}; then answer warning ${planted}; fi`,
  ]);
}

/** A raw resource, passed on as it is, would arrive as its id. */
export function mountsInput(mounts: pulumi.Input<pulumi.Input<MountInput>[]>) {
  return pulumi.output(mounts).apply((list) => list.map((mount) => (isBindMountLike(mount) ? mount.ref : mount)));
}

function isBindMountLike(value: unknown): value is BindMountLike {
  return pulumi.Resource.isInstance(value) && "ref" in value;
}
