import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { DeepInput } from "../deep-input";
import { type BindMountRef, bindInputs, type Ownership } from "../fragments/bind-fragment";
import { hostIdentity } from "../fragments/host-identity";
import { type HostInput, type HostRef, hostInput } from "../on-host";
import type { Timeouts } from "../timeouts";
import { bindMountHandler } from "./bind-mount-handler";

export type { BindMountRef } from "../fragments/bind-fragment";
/** A directory that is made for a `BindMount`. */
export interface CreateDirectory {
  /** Its owner: a number, as the guest has it too, or the name of a user of the host. @default 0, root */
  readonly owner?: pulumi.Input<number | string>;
  /** Its group: a number, as the guest has it too, or the name of a group of the host. @default 0, root */
  readonly group?: pulumi.Input<number | string>;
  /** Octal permissions, chmod(1). @default "0755" */
  readonly mode?: pulumi.Input<string>;
  /** Whether it is removed with all that is in it when the `BindMount` goes. @default false: a directory with data in it stays */
  readonly removeData?: pulumi.Input<boolean>;
}

/** Inputs whose defaults are known from the check, and which machines need. */
const FRAGMENT = Object.keys(bindInputs);

/** Arguments of {@link BindMount}. */
export interface BindMountArgs {
  /** Where it is: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default those of the `Host` */
  readonly credentials?: DeepInput<Credentials>;
  /**
   * Absolute path of a file or directory on the host, with no symbolic link on its way. It has to be there, unless `create` makes it.
   */
  readonly source: pulumi.Input<string>;
  /**
   * Absolute path in the guest. Directories above it that are missing there are made by systemd-nspawn, and belong to nobody inside.
   */
  readonly target: pulumi.Input<string>;
  /** Whether the guest may only read (`BindReadOnly=`, systemd.nspawn(5)). @default false */
  readonly readOnly?: pulumi.Input<boolean>;
  /**
   * Whether file systems that are mounted in the source are seen too (`rbind`). It goes with `ownership: "none"` or a machine with
   * `privateUsers: false`: systemd-nspawn maps the user IDs of one file system.
   * @default false
   */
  readonly recursive?: pulumi.Input<boolean>;
  /**
   * Whose files are in a guest with user IDs of its own (systemd-nspawn(1), `--bind=`). `idmap`: user 1000 inside is user 1000 of the
   * files, and root is root. `rootidmap`: root inside is the source's owner, and nobody else has anything. `owneridmap`: the target's
   * owner inside is the source's owner. `none`: all belongs to nobody.
   * @default "auto": `idmap` where the machine has user IDs of its own, and nothing where it has those of the host
   */
  readonly ownership?: pulumi.Input<Ownership>;
  /**
   * Makes the source as a directory, and keeps its owner, group and mode. Missing directories above it are made for root alone (0700),
   * so that no other user of the host reaches what the guest puts there.
   * @default none: the source is used as it is
   */
  readonly create?: pulumi.Input<CreateDirectory>;
  /** Says that the source may be one by which the host is controlled, such as /etc or the socket of docker. @default false */
  readonly exposeHost?: pulumi.Input<boolean>;
  /** Takes over a directory that is there already where `create` is given. @default false */
  readonly adopt?: pulumi.Input<boolean>;
  /** @default create and update 120, delete 300, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A file or directory of the host that machines have in their tree. It can be written to from inside by whoever may outside, by
 * number, also where the machine has user IDs of its own. Several machines can have the same one.
 *
 * Only what `create` made is ever removed, and only where it is empty, unless `removeData` says otherwise.
 *
 * @throws in the preview: for a source by which the host is controlled, and for a target that the guest boots from. In `up`: where the
 * source is missing, behind a symbolic link, or somebody else's.
 * @example
 * ```ts
 * const projects = new nspawn.BindMount("projects", { host, source: "/srv/projects", target: "/projects" });
 * const home = new nspawn.BindMount("home", {
 *   host, source: "/srv/homes/alice", target: "/home/alice", create: { owner: 1000, group: 1000, mode: "0750" },
 * });
 * const box = new nspawn.NspawnMachine("box", { rootfs, mounts: [projects, home] });
 * ```
 */
export class BindMount extends NspawnResource {
  /** @internal */
  static readonly handler = bindMountHandler;

  /** The path on the host. */
  declare readonly source: pulumi.Output<string>;
  /** The path in the guest. */
  declare readonly target: pulumi.Output<string>;
  /** Whether the guest may only read. */
  declare readonly readOnly: pulumi.Output<boolean>;
  /** Whether file systems that are mounted in the source are seen too. */
  declare readonly recursive: pulumi.Output<boolean>;
  /** Whose files are in a guest with user IDs of its own. */
  declare readonly ownership: pulumi.Output<Ownership>;
  /** Whether it was said that the source may be one by which the host is controlled. */
  declare readonly exposeHost: pulumi.Output<boolean>;
  /** The host as plain JSON. */
  declare readonly host: pulumi.Output<HostRef>;
  /** The host's credentials, secret. */
  declare readonly credentials: pulumi.Output<Credentials | undefined>;

  constructor(name: string, args: BindMountArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, credentials, ...rest } = args;
    super(bindMountHandler, name, { ...rest, ...hostInput(host, credentials) }, [...FRAGMENT, "credentials"], opts);
  }

  /** The mount as plain JSON, for stack references: accepted wherever a `BindMount` is. */
  get ref(): pulumi.Output<BindMountRef> {
    const { id, host, source, target, readOnly, recursive, ownership, exposeHost } = this;
    return pulumi
      .output({ id, host, source, target, readOnly, recursive, ownership, exposeHost })
      .apply((bind) => ({ bind: { ...bind, host: hostIdentity(bind.host) } }));
  }
}
