import * as pulumi from "@pulumi/pulumi";
import type { Size } from "../../systemd/size";
import type { BindMountRef } from "../fragments/bind";

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

/** A raw resource, passed on as it is, would arrive as its id. */
export function mountsInput(mounts: pulumi.Input<pulumi.Input<MountInput>[]>) {
  return pulumi.output(mounts).apply((list) => list.map((mount) => (isBindMountLike(mount) ? mount.ref : mount)));
}

function isBindMountLike(value: unknown): value is BindMountLike {
  return pulumi.Resource.isInstance(value) && "ref" in value;
}
