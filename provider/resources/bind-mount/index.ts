import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import { type BindMountRef, bindInputs, type Ownership } from "../attachments/bind-spec";
import { hostIdentity } from "../attachments/host-identity";
import type { DeepInput } from "../deep-input";
import { type HostInput, type HostRef, hostInput } from "../on-host";
import type { Timeouts } from "../timeouts";
import { bindMountHandler } from "./bind-mount-handler";

export type { BindMountRef } from "../attachments/bind-spec";
/** A directory that a `BindMount` creates. */
export interface CreateDirectory {
  /** Its owner: a number, which is the same in the guest, or the name of a user on the host. @default 0, root */
  readonly owner?: pulumi.Input<number | string>;
  /** Its group: a number, which is the same in the guest, or the name of a group on the host. @default 0, root */
  readonly group?: pulumi.Input<number | string>;
  /** Octal permissions, chmod(1). @default "0755" */
  readonly mode?: pulumi.Input<string>;
  /**
   * Whether deleting the `BindMount` removes it with its contents.
   * @default false: a directory with data in it stays
   */
  readonly removeData?: pulumi.Input<boolean>;
}

/** Inputs that machines need, with the defaults that the check fills in. */
const SPEC_INPUTS = Object.keys(bindInputs);

/** Arguments of {@link BindMount}. */
export interface BindMountArgs {
  /** The host: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default the `Host`'s own */
  readonly credentials?: DeepInput<Credentials>;
  /**
   * Absolute path of a file or directory on the host. Symbolic links in it are followed at each start of a machine, if
   * root alone can change each part of the way. It must exist, unless `create` creates it.
   */
  readonly source: pulumi.Input<string>;
  /**
   * Absolute path in the guest. systemd-nspawn creates missing parent directories there; nobody inside owns them.
   */
  readonly target: pulumi.Input<string>;
  /** Whether the mount is read-only in the guest (`BindReadOnly=`, systemd.nspawn(5)). @default false */
  readonly readOnly?: pulumi.Input<boolean>;
  /**
   * Whether file systems mounted below the source are visible too (`rbind`). Needs `ownership: "none"` or a machine
   * with `privateUsers: false`, because systemd-nspawn maps the user IDs of a single file system only.
   * @default false
   */
  readonly recursive?: pulumi.Input<boolean>;
  /**
   * Who owns the files in a guest with its own user IDs (systemd-nspawn(1), `--bind=`). `idmap`: user 1000 inside is
   * user 1000 of the files, and root is root. `rootidmap`: root inside is the source's owner, and nobody else has
   * access. `owneridmap`: the target's owner inside is the source's owner. `none`: everything belongs to nobody.
   * @default "auto": `idmap` if the machine has its own user IDs, no mapping if it has the host's
   */
  readonly ownership?: pulumi.Input<Ownership>;
  /**
   * Creates the source as a directory and maintains its owner, group and mode. Missing parent directories are created
   * for root alone (0700), so that no other user of the host can reach what the guest writes there. `true` is an empty
   * directory of root, with mode 0755.
   * @default none: the source is used as it is
   */
  readonly create?: pulumi.Input<boolean | CreateDirectory>;
  /**
   * Allows a source that gives the guest control of the host, of one of its users or of another machine, such as /etc,
   * /home/alice or the Docker socket; and one that the guest's root can write to as the host's root while users of the
   * host can reach it, and so run setuid programs in it. A file of /etc or /usr that everybody on the host may read needs
   * it only if the guest may write to it.
   * @default false
   */
  readonly exposeHost?: pulumi.Input<boolean>;
  /** With `create`: takes over a directory that already exists. @default false */
  readonly adopt?: pulumi.Input<boolean>;
  /** @default create and update 120, delete 300, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A file or directory of the host that is mounted into machines. Access inside follows the numeric user IDs outside:
 * who may write to it on the host may also write to it in the machine, even if the machine has its own user IDs.
 * Several machines can mount the same one.
 *
 * Only a directory that `create` created is ever removed, and only if it is empty, unless `removeData` is set.
 *
 * @throws in the preview: if the source gives control of the host, or the guest boots from the target. In `up`: if the
 * source is missing, is behind a symbolic link, or belongs to another resource.
 * @example
 * ```ts
 * const projects = new nspawn.BindMount("projects", { host, source: "/srv/dev/projects", target: "/projects" });
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
  /** Where the path leads at the last `up` or refresh, if there are symbolic links in it. */
  declare readonly leadsTo: pulumi.Output<string | undefined>;
  /** The path in the guest. */
  declare readonly target: pulumi.Output<string>;
  /** Whether the mount is read-only in the guest. */
  declare readonly readOnly: pulumi.Output<boolean>;
  /** Whether file systems mounted below the source are visible too. */
  declare readonly recursive: pulumi.Output<boolean>;
  /** Who owns the files in a guest with its own user IDs. */
  declare readonly ownership: pulumi.Output<Ownership>;
  /** Whether a source that gives the guest control of the host is allowed. */
  declare readonly exposeHost: pulumi.Output<boolean>;
  /** The host as plain JSON. */
  declare readonly host: pulumi.Output<HostRef>;
  /** The host's credentials, secret. */
  declare readonly credentials: pulumi.Output<Credentials | undefined>;

  constructor(name: string, args: BindMountArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, credentials, ...rest } = args;
    super(
      bindMountHandler,
      name,
      { ...rest, ...hostInput(host, credentials) },
      [...SPEC_INPUTS, "credentials", "leadsTo"],
      opts,
    );
  }

  /** The mount as plain JSON, for stack references. Accepted wherever a `BindMount` is. */
  get ref(): pulumi.Output<BindMountRef> {
    const { id, host, source, target, readOnly, recursive, ownership, exposeHost } = this;
    return pulumi
      .output({ id, host, source, target, readOnly, recursive, ownership, exposeHost })
      .apply((bind) => ({ bind: { ...bind, host: hostIdentity(bind.host) } }));
  }
}
