import type * as pulumi from "@pulumi/pulumi";
import type { Credentials } from "../../provider/remote";
import type { NetworkInput } from "../../provider/resources/attachments/attachable";
import type { Suite } from "../../provider/resources/debian-rootfs/rootfs-values";
import type { DeepInput } from "../../provider/resources/deep-input";
import type { Device, Limits, MountInput, PrivateUsers } from "../../provider/resources/nspawn-machine";
import type { HostInput } from "../../provider/resources/on-host";
import type { ProvisionCommand, ProvisionRepository, ProvisionUser } from "../../provider/resources/provision";

/** The user of a box. */
export interface DevBoxUser extends Omit<ProvisionUser, "uid" | "gid" | "group" | "home" | "sudo"> {
  /** Its user and group ID. On the host, its home belongs to this ID too. @default 1000 */
  readonly uid?: pulumi.Input<number>;
  /** Its group ID. @default `uid` */
  readonly gid?: pulumi.Input<number>;
  /** Whether it may run everything with sudo(8), without a password. @default true */
  readonly sudo?: pulumi.Input<boolean>;
}

/** A package source in addition to Debian's own. */
export interface DevBoxAptSource {
  /** The name of its files: letters, digits, hyphens and _. */
  readonly name: pulumi.Input<string>;
  /** As in `"https://download.example.com/debian"`. */
  readonly url: pulumi.Input<string>;
  /** The release to take packages for. @default the suite of the box */
  readonly suite?: pulumi.Input<string>;
  /** Its components. @default ["main"] */
  readonly components?: pulumi.Input<pulumi.Input<string>[]>;
  /** The public key that it is signed with, ASCII-armored (apt-secure(8)). */
  readonly key: pulumi.Input<string>;
  /** Packages to install from it. A package removed from the list stays installed. @default [] */
  readonly packages?: pulumi.Input<pulumi.Input<string>[]>;
}

/** A git repository for the user. */
export interface DevBoxRepository extends Omit<ProvisionRepository, "user" | "deployKey"> {
  /** The name of the key in `deployKeys` for it. @default none */
  readonly deployKey?: pulumi.Input<string>;
}

/** The user's settings, from a repository of their own. */
export interface DevBoxDotfiles extends DevBoxRepository {
  /**
   * The script in the repository that sets them up.
   * @default the first of install.sh, install, bootstrap.sh, bootstrap, script/bootstrap, setup.sh, setup and
   * script/setup that exists; if there is none, every file whose name begins with a dot is linked into the home
   */
  readonly script?: pulumi.Input<string>;
}

/**
 * A user's command: a text for `sh -c`, a program with its arguments, run without a shell, or several named ones at the
 * same time.
 */
export type DevBoxHook = ProvisionCommand | Record<string, ProvisionCommand>;

/**
 * Commands to run at stages of a box's life, named as in development containers (containers.dev, "Lifecycle scripts").
 * They run in this order, in the first repository or the home. If one fails, the later ones are skipped and `up` fails
 * with its output; the next `up` resumes with it. A new root and a change run them again.
 */
export interface DevBoxHooks {
  /** When the box exists, before everything else. @default none */
  readonly onCreate?: pulumi.Input<DevBoxHook>;
  /** Next: what the repositories need. @default none */
  readonly updateContent?: pulumi.Input<DevBoxHook>;
  /** Then: what the user wants. @default none */
  readonly postCreate?: pulumi.Input<DevBoxHook>;
  /**
   * At each start of the box, even when Pulumi does not run. It has no `secrets` in `$CREDENTIALS_DIRECTORY`.
   * @default none
   */
  readonly postStart?: pulumi.Input<DevBoxHook>;
}

/** A port of the host that is forwarded to the box. */
export interface DevBoxPort {
  /** The host's port, or a range as in `"8000-8010"`. */
  readonly host: pulumi.Input<number | string>;
  /** The box's port, or a range of the same size. */
  readonly guest: pulumi.Input<number | string>;
  /** The transport protocol. @default "tcp" */
  readonly protocol?: pulumi.Input<"tcp" | "udp">;
  /** The host's address that accepts connections. @default every address of the host */
  readonly address?: pulumi.Input<string>;
  /** What it is for. Shown in the output `ports`. @default none */
  readonly label?: pulumi.Input<string>;
}

/** Arguments of {@link DevBox}. */
export interface DevBoxArgs {
  /** The host: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default the `Host`'s own */
  readonly credentials?: DeepInput<Credentials>;
  /** The name of the machine, its root, and its entry in ssh_config. @default the logical name */
  readonly name?: pulumi.Input<string>;
  /** The user of the box. */
  readonly user: pulumi.Input<DevBoxUser>;
  /**
   * The Debian release. Changing it builds a new root, and is refused unless `dataLoss` is `"allow"`. Home, sshd host
   * key and address survive; everything else in the old root is lost.
   * @default "trixie"
   */
  readonly suite?: pulumi.Input<Suite>;
  /** Whether a change that needs a new root may delete the old one, as in a DebianRootfs. @default "refuse" */
  readonly dataLoss?: pulumi.Input<"refuse" | "allow">;
  /**
   * Takes over the root, the machine and the network of its name that are on the host, for example after the state was
   * lost. The home and the sshd host key are taken over in any case.
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean>;
  /** Package mirrors, as in a DebianRootfs. @default what the host's own apt uses */
  readonly mirrors?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Packages in addition to sshd, sudo and what other inputs need, as in a DebianRootfs. Added and removed while the
   * box runs.
   * @default []
   */
  readonly packages?: pulumi.Input<pulumi.Input<string>[]>;
  /** Package sources in addition to Debian's own. @default [] */
  readonly aptSources?: pulumi.Input<pulumi.Input<DevBoxAptSource>[]>;
  /** Such as `"de_DE.UTF-8"`. @default none set */
  readonly locale?: pulumi.Input<string>;
  /** Such as `"Europe/Berlin"`. @default Debian's, UTC */
  readonly timezone?: pulumi.Input<string>;
  /**
   * The name and address for git commits, written to /etc/gitconfig; the user's own settings override them.
   * @default none
   */
  readonly git?: pulumi.Input<{
    /** As in `user.name` of git-config(1). */
    readonly name: pulumi.Input<string>;
    /** As in `user.email` of git-config(1). */
    readonly email: pulumi.Input<string>;
  }>;
  /** Repositories in the home. A clone with local changes is never touched. @default [] */
  readonly repositories?: pulumi.Input<pulumi.Input<DevBoxRepository>[]>;
  /** Private keys by name, for repositories that use one. Each is in the box only while git runs. @default none */
  readonly deployKeys?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The user's settings. @default none */
  readonly dotfiles?: pulumi.Input<DevBoxDotfiles>;
  /** Commands to run at stages of its life. @default none */
  readonly hooks?: pulumi.Input<DevBoxHooks>;
  /** Additional mounts, as in an NspawnMachine. @default [] */
  readonly mounts?: pulumi.Input<pulumi.Input<MountInput>[]>;
  /**
   * What it is attached to: a `VethNetwork`, which several boxes may share, a `BridgeAttachment`, or the `ref` of one.
   * @default a `VethNetwork` of its own, with 16 addresses in 10.128.0.0/9 derived from its name
   */
  readonly network?: pulumi.Input<NetworkInput>;
  /**
   * Ports of the host to forward to it, in a `VethNetwork`, as in `["8080:80"]`, or as objects with a label. They can
   * change while it runs.
   * @default []
   */
  readonly ports?: pulumi.Input<pulumi.Input<string | DevBoxPort>[]>;
  /** Environment of sessions and hooks (/etc/environment, pam_env(8)). @default none */
  readonly environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** systemd credentials, as in an NspawnMachine. Hooks find them in `$CREDENTIALS_DIRECTORY`. @default none */
  readonly secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Resource limits, applied while it runs. @default none */
  readonly limits?: pulumi.Input<Limits>;
  /** The text shown at login. @default Debian's */
  readonly motd?: pulumi.Input<string>;
  /** Lets containers run inside, as in an NspawnMachine. @default false */
  readonly nesting?: pulumi.Input<boolean>;
  /** Devices of the host, as in an NspawnMachine. @default [] */
  readonly devices?: pulumi.Input<pulumi.Input<string | Device>[]>;
  /** As in an NspawnMachine. @default true */
  readonly privateUsers?: pulumi.Input<PrivateUsers>;
  /** Whether `sshConfig` forwards the SSH agent, as `ssh -A` does. @default false */
  readonly forwardAgent?: pulumi.Input<boolean>;
  /**
   * The directory on the host for its home and its sshd host key. Nothing in it is ever removed.
   * @default "/var/lib/devboxes/NAME"
   */
  readonly data?: pulumi.Input<string>;
}
