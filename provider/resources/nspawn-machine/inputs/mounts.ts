import * as pulumi from "@pulumi/pulumi";
import { effect, whenKnown } from "../../../dynamic";
import { sh } from "../../../host/sh";
import { describeHost, lines, type Script } from "../../../remote";
import { quoteColonField, renderColonFields } from "../../../systemd/colon-fields";
import { mountItems } from "../../../systemd/entry-items";
import { isWithin } from "../../../systemd/paths";
import type { Entry } from "../../../systemd/settings-file";
import { bytesOf, type Size } from "../../../systemd/size";
import { quoteUnitWord } from "../../../systemd/unit-words";
import type { Bind, BindMountRef, Ownership } from "../../attachments/bind-spec";
import { lookAtSource, mustBePublic, refuseExposure } from "../../attachments/exposure";
import { refuseForeign } from "../../attachments/host-identity";
import { type Mount, mountsEffect, mountsSchema } from "../../attachments/mount-specs";
import { listInput } from "../../given";
import type { OnHost } from "../../on-host";
import { merge, type Rendered, type Values } from "../section";
import { mapsUsers, type PrivateUsers } from "./private-users";

/** A tmpfs in the guest, `TemporaryFileSystem=` of systemd.nspawn(5). Its contents count as the machine's memory. */
export interface TmpfsMount {
  /** Absolute path in the guest. */
  readonly tmpfs: pulumi.Input<string>;
  /** Its size: bytes, or a number with a unit as in `"1GiB"`. @default the kernel's, half of the host's memory */
  readonly size?: pulumi.Input<Size>;
  /** Octal permissions; root owns it. @default "0755" */
  readonly mode?: pulumi.Input<string>;
}

/** A file or directory of the guest that nobody inside can open, `Inaccessible=` of systemd.nspawn(5). */
export interface InaccessibleMount {
  /** Absolute path in the guest. It must exist there. */
  readonly inaccessible: pulumi.Input<string>;
}

/**
 * Directories of the host stacked on each other, `Overlay=` of systemd.nspawn(5). Writes go to the last one.
 * systemd-nspawn does not map the user IDs of overlays. So a machine can write to one only with `privateUsers: false`
 * or `"identity"`, or if the directories belong to the machine's fixed user IDs.
 */
export interface OverlayMount {
  /** Absolute paths on the host, the lowest first; at least two. */
  readonly overlay: pulumi.Input<pulumi.Input<string>[]>;
  /** Absolute path in the guest. */
  readonly target: pulumi.Input<string>;
  /** Whether it is read-only (`OverlayReadOnly=`). @default false */
  readonly readOnly?: pulumi.Input<boolean>;
  /**
   * Allows a layer that gives the guest control of the host, such as /etc; and an uppermost one that the guest's root can
   * write to as the host's root while users of the host can reach it, and so run setuid programs in it.
   * @default false
   */
  readonly exposeHost?: pulumi.Input<boolean>;
}

/** What a `BindMount` passes on. Any resource of this shape is accepted as a mount. */
export type BindMountLike = pulumi.CustomResource & { readonly ref: pulumi.Output<BindMountRef> };

/** What can be mounted in a guest: a `BindMount` or its `ref`, or a mount that needs no preparation on the host. */
export type MountInput = BindMountLike | BindMountRef | TmpfsMount | InaccessibleMount | OverlayMount;

/** What is mounted in a guest, as a program gives it. */
export interface MountsArgs {
  /**
   * Mounts in the guest in addition to its root: `BindMount`s, `{ tmpfs }`, `{ inaccessible }`, `{ overlay }`. Each
   * target can have one mount; a target may be inside another.
   * @default []
   */
  readonly mounts?: pulumi.Input<pulumi.Input<MountInput>[]>;
}

export const inputs = { mounts: effect(mountsEffect, mountsSchema.default([])) };

type Reads = Values<typeof inputs> & OnHost & { readonly name: string; readonly privateUsers: PrivateUsers };

export const items = mountItems;

/** Mounts in the guest in addition to its root. */
export function render(inputs: Reads): Rendered {
  return merge(inputs.mounts.map((mount) => rendered(mount, inputs)));
}

/**
 * Sentences that refuse mounts that a machine cannot have, whatever is on the host. What gives control of the host is
 * refused here and not by the schema: a machine in state that has it can still be changed and deleted.
 */
export function validate({ mounts, host, privateUsers }: Reads): string[] {
  return mounts.flatMap((mount, index) => {
    const exposed = exposures(mount);
    if (exposed.length > 0) return exposed.map((message) => `mounts.${index}: ${message}`);
    if ("bind" in mount) {
      const foreign = refuseForeign(`the BindMount of "${mount.bind.source}"`, mount.bind.host, host);
      const problem = foreign ?? problemOfBind(mount.bind, privateUsers);
      return problem === undefined ? [] : [`mounts: ${problem}`];
    }
    if (!("overlay" in mount) || mount.readOnly || belongsToSomebody(privateUsers)) return [];
    return [
      `mounts: the overlay at "${mount.target}" would not be writable: systemd-nspawn does not map the user IDs of overlays, so in a ` +
        "machine with its own user IDs everything in it belongs to nobody (systemd issue 25886). Set `readOnly: true` on it, or set " +
        '`privateUsers: false` on the machine, or give it fixed user IDs whose first one owns the directories, such as `privateUsers: "1342177280"`.',
    ];
  });
}

function exposures(mount: Mount): string[] {
  if ("bind" in mount) {
    const { source, exposeHost, readOnly } = mount.bind;
    return [refuseExposure(source, exposeHost, { readOnly, expectsPublic: true })].filter(
      (message) => message !== undefined,
    );
  }
  if (!("overlay" in mount)) return [];
  const { overlay: layers, exposeHost, readOnly } = mount;
  // Only the top one is ever written to.
  return layers
    .map((layer, index) => refuseExposure(layer, exposeHost, { readOnly: readOnly || index < layers.length - 1 }))
    .filter((message) => message !== undefined);
}

/** Whether directories on the host can belong to users of the machine: its user IDs are known before the start. */
function belongsToSomebody(privateUsers: PrivateUsers): boolean {
  return privateUsers !== true && privateUsers !== "managed";
}

function problemOfBind(mount: Bind, privateUsers: PrivateUsers): string | undefined {
  const { source, ownership, recursive } = mount;
  if (privateUsers === false && (ownership === "rootidmap" || ownership === "owneridmap")) {
    return (
      `ownership "${ownership}" of "${source}" maps user IDs, but the machine uses the host's: \`privateUsers\` is false. ` +
      'Leave `ownership` at "auto".'
    );
  }
  if (recursive && mappingFor(mount, privateUsers) !== undefined) {
    return (
      `"${source}" is recursive and its user IDs are mapped, but systemd-nspawn does not map file systems that are mounted below it ` +
      "(Device or resource busy). Give each such file system its own BindMount, whose target may be inside another; " +
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
  const { source, target, readOnly, recursive, exposeHost } = mount;
  const mapping = mappingFor(mount, inputs.privateUsers);
  const options = [recursive ? "rbind" : "norbind", ...(mapping === undefined ? [] : [mapping])].join(",");
  return {
    nspawn: [files(readOnly ? "BindReadOnly" : "Bind", `${renderColonFields([source, target])}:${options}`)],
    unit: [
      waitFor(source),
      // The unit's DevicePolicy= is closed: a device that is not listed could be seen but not opened.
      ...(isWithin(source, "/dev")
        ? [{ section: "Service", key: "DeviceAllow", value: `${quoteUnitWord(source)} ${readOnly ? "r" : "rw"}` }]
        : []),
    ],
    mounted: [{ source, target }],
    needs: mapping === undefined ? [] : [{ what: needOf(mount), systemd: SINCE[mapping] }],
    // One script: it is distinct for each source, and its parts read what the first of them found.
    preflight: [
      lines([
        lookAtSource(source, exposeHost, { readOnly }),
        mapping === undefined ? sh`:` : sh`source_mappable "$source_real"`,
        expectClosed(source, inputs, !readOnly && !exposeHost && rootIsRoot(mapping, inputs.privateUsers)),
      ]),
    ],
  };
}

type Mapping = Exclude<Ownership, "auto" | "none">;

/** The version of systemd that introduced an option (systemd-nspawn(1) and its history). */
const SINCE: Readonly<Record<Mapping, number>> = { idmap: 250, rootidmap: 252, owneridmap: 256 };

/** How user IDs are mapped. If the machine has the host's, no mapping is needed, and systemd-nspawn refuses one. */
function mappingOf(source: string, ownership: Ownership, privateUsers: PrivateUsers): Mapping | undefined {
  if (ownership === "none" || privateUsers === false) return undefined;
  if (ownership === "rootidmap" || ownership === "owneridmap") return ownership;
  // No kernel maps user IDs of devtmpfs; access to a device depends on its mode.
  const device = ownership === "auto" && isWithin(source, "/dev");
  return device || !mapsUsers(privateUsers) ? undefined : "idmap";
}

/** What everybody may read needs no owner inside, and so no file system that can map user IDs. */
function mappingFor({ source, ownership, readOnly }: Bind, privateUsers: PrivateUsers): Mapping | undefined {
  if (ownership === "auto" && mustBePublic(source, { readOnly })) return undefined;
  return mappingOf(source, ownership, privateUsers);
}

/** Whether root inside is the host's root in the mounted files. */
function rootIsRoot(mapping: Mapping | undefined, privateUsers: PrivateUsers): boolean {
  return mapping === "idmap" || (mapping === undefined && !mapsUsers(privateUsers));
}

function needOf({ source, ownership }: Bind): string {
  if (ownership === "auto") return `the mount of "${source}" in a machine with its own user IDs (ownership "idmap")`;
  return `ownership "${ownership}" of "${source}"`;
}

/**
 * The machine waits for the source's file system. Otherwise it could boot with what is hidden below the mount point.
 */
function waitFor(source: string): Entry {
  return { section: "Unit", key: "RequiresMountsFor", value: quoteUnitWord(source) };
}

function overlay(mount: Extract<Mount, { overlay: unknown }>, inputs: Reads): Rendered {
  const { overlay: layers, target, readOnly, exposeHost } = mount;
  const writes = !readOnly && !exposeHost && rootIsRoot(undefined, inputs.privateUsers);
  const inspections = layers.map((layer, index) =>
    lines([
      sh`source_present ${layer}; source_directory ${layer}`,
      expectClosed(layer, inputs, writes && index === layers.length - 1),
    ]),
  );
  return {
    nspawn: [files(readOnly ? "OverlayReadOnly" : "Overlay", renderColonFields([...layers, target]))],
    unit: layers.map(waitFor),
    preflight: inspections,
  };
}

/**
 * Refuses a source in which the guest's root writes as the host's (`asRoot`), and from which users of the host could run
 * what it writes; warns of one in whose place they could put another. `source_inspect` found both.
 */
function expectClosed(source: string, { name, host }: Reads, asRoot: boolean): Script {
  const place = describeHost(host.connection);
  const replaced = sh`[ -z "$source_open" ] || answer warning ${`users of ${place} other than root can write to `}"$source_open"${`: one of them could replace "${source}" with a symbolic link, and the machine "${name}" would get its target at the next start. Make it writable only for root.`}`;
  if (!asRoot) return replaced;
  return lines([
    sh`if [ -n "$source_reachable" ] && source_setuid ${source}; then refuse source-reachable ${source}; fi`,
    replaced,
  ]);
}

/** A raw resource, passed on as it is, would arrive as its ID. */
export function mountsInput(mounts: pulumi.Input<pulumi.Input<MountInput>[]>): unknown {
  return listInput(mounts, mountInput);
}

function mountInput(mount: unknown): unknown {
  return whenKnown(mount, (value) => (isBindMountLike(value) ? value.ref : value));
}

function isBindMountLike(value: unknown): value is BindMountLike {
  return pulumi.Resource.isInstance(value) && "ref" in value;
}
