import type * as pulumi from "@pulumi/pulumi";
import type { Credentials } from "../../provider/remote";
import type { Suite } from "../../provider/resources/debian-rootfs/rootfs-values";
import type { DeepInput } from "../../provider/resources/deep-input";
import type { NetworkInput } from "../../provider/resources/fragments/attachable";
import type { Device, Limits, MountInput, PrivateUsers } from "../../provider/resources/nspawn-machine";
import type { HostInput } from "../../provider/resources/on-host";
import type { ProvisionCommand, ProvisionRepository, ProvisionUser } from "../../provider/resources/provision";

/** Whose a box is. */
export interface DevBoxUser extends Omit<ProvisionUser, "uid" | "gid" | "group" | "home" | "sudo"> {
  /** Its number, and that of its group; what is in its home belongs to it on the host too. @default 1000 */
  readonly uid?: pulumi.Input<number>;
  /** The number of its group. @default `uid` */
  readonly gid?: pulumi.Input<number>;
  /** Whether it may do everything by sudo(8), without a password. @default true */
  readonly sudo?: pulumi.Input<boolean>;
}

/** A source of packages beside Debian's own. */
export interface DevBoxAptSource {
  /** The name of its files: letters, digits, hyphens and _. */
  readonly name: pulumi.Input<string>;
  /** As in `"https://download.example.com/debian"`. */
  readonly url: pulumi.Input<string>;
  /** The release to take packages for. @default the suite of the box */
  readonly suite?: pulumi.Input<string>;
  /** Its parts. @default ["main"] */
  readonly components?: pulumi.Input<pulumi.Input<string>[]>;
  /** The public key that signs it, ASCII-armored (apt-secure(8)). */
  readonly key: pulumi.Input<string>;
  /** What is installed from it. A package that is taken off the list stays. @default [] */
  readonly packages?: pulumi.Input<pulumi.Input<string>[]>;
}

/** A git repository of the user's. */
export interface DevBoxRepository extends Omit<ProvisionRepository, "user" | "deployKey"> {
  /** The name of the one of `deployKeys` that opens it. @default none */
  readonly deployKey?: pulumi.Input<string>;
}

/** The user's settings, from a repository of its own. */
export interface DevBoxDotfiles extends DevBoxRepository {
  /**
   * What sets them up, within the repository.
   * @default the first that is there of install.sh, install, bootstrap.sh, bootstrap, script/bootstrap, setup.sh, setup and script/setup;
   * else each file whose name begins with a dot is linked into the home
   */
  readonly script?: pulumi.Input<string>;
}

/** A command of the user's: a text for `sh -c`, a program and its arguments by no shell, or several by name at the same time. */
export type DevBoxHook = ProvisionCommand | Record<string, ProvisionCommand>;

/**
 * Commands at the turns of a box's life, named as development containers name them (containers.dev, "Lifecycle scripts"): in this order, in the
 * first repository or the home. One that fails skips the later ones and fails `up` with its output; the next `up` goes on with it. A new
 * root and a change run them again.
 */
export interface DevBoxHooks {
  /** Once the box is there, before all else. @default none */
  readonly onCreate?: pulumi.Input<DevBoxHook>;
  /** After it: what the repositories need. @default none */
  readonly updateContent?: pulumi.Input<DevBoxHook>;
  /** After that: what the user wants to have. @default none */
  readonly postCreate?: pulumi.Input<DevBoxHook>;
  /** At each start of the box, also when Pulumi does not run. It has no `secrets` in `$CREDENTIALS_DIRECTORY`. @default none */
  readonly postStart?: pulumi.Input<DevBoxHook>;
}

/** A port of the host that leads to the box. */
export interface DevBoxPort {
  /** The host's port. */
  readonly host: pulumi.Input<number>;
  /** The box's port. */
  readonly guest: pulumi.Input<number>;
  /** The protocol of the transport. @default "tcp" */
  readonly protocol?: pulumi.Input<"tcp" | "udp">;
  /** The host's address it is reached at. @default every address of the host */
  readonly address?: pulumi.Input<string>;
  /** What it is for; it stands in the output `ports`. @default none */
  readonly label?: pulumi.Input<string>;
}

/** Arguments of {@link DevBox}. */
export interface DevBoxArgs {
  /** Where it is: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default those of the `Host` */
  readonly credentials?: DeepInput<Credentials>;
  /** The name of the machine, of its root, and of the entry in ssh_config. @default the logical name */
  readonly name?: pulumi.Input<string>;
  /** Whose it is. */
  readonly user: pulumi.Input<DevBoxUser>;
  /** The release of Debian. A change makes a new root; the home, the sshd host key and the address stay. @default "trixie" */
  readonly suite?: pulumi.Input<Suite>;
  /** Where packages come from, as of a DebianRootfs. @default what the host's own apt uses */
  readonly mirrors?: pulumi.Input<pulumi.Input<string>[]>;
  /** Packages beside sshd, sudo and what the rest here needs; added and removed while it runs. @default [] */
  readonly packages?: pulumi.Input<pulumi.Input<string>[]>;
  /** Sources of packages beside Debian's own. @default [] */
  readonly aptSources?: pulumi.Input<pulumi.Input<DevBoxAptSource>[]>;
  /** Such as `"de_DE.UTF-8"`. @default none set */
  readonly locale?: pulumi.Input<string>;
  /** Such as `"Europe/Berlin"`. @default Debian's, UTC */
  readonly timezone?: pulumi.Input<string>;
  /** What git signs commits with, in /etc/gitconfig: the user's own settings beat it. @default none */
  readonly git?: pulumi.Input<{
    /** As in `user.name` of git-config(1). */
    readonly name: pulumi.Input<string>;
    /** As in `user.email` of git-config(1). */
    readonly email: pulumi.Input<string>;
  }>;
  /** Repositories in the home. What has changes of its own is never touched. @default [] */
  readonly repositories?: pulumi.Input<pulumi.Input<DevBoxRepository>[]>;
  /** Private keys by name, for repositories that ask for one; each is in the box only while git runs. @default none */
  readonly deployKeys?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The user's settings. @default none */
  readonly dotfiles?: pulumi.Input<DevBoxDotfiles>;
  /** Commands at the turns of its life. @default none */
  readonly hooks?: pulumi.Input<DevBoxHooks>;
  /** Further mounts, as of an NspawnMachine. @default [] */
  readonly mounts?: pulumi.Input<pulumi.Input<MountInput>[]>;
  /**
   * What it is attached to: a `VethNetwork`, which boxes may share, or a `BridgeAttachment`, or the `ref` of one.
   * @default a `VethNetwork` of its own, of 16 addresses in 10.128.0.0/9 that follow from its name
   */
  readonly network?: pulumi.Input<NetworkInput>;
  /** Ports of the host that lead to it, in a `VethNetwork`; they change while it runs. @default [] */
  readonly ports?: pulumi.Input<pulumi.Input<DevBoxPort>[]>;
  /** Environment of sessions and hooks (/etc/environment, pam_env(8)). @default none */
  readonly environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Credentials of systemd, as of an NspawnMachine; hooks find them in `$CREDENTIALS_DIRECTORY`. @default none */
  readonly secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Resource limits, applied while it runs. @default none */
  readonly limits?: pulumi.Input<Limits>;
  /** The text that a login shows. @default Debian's */
  readonly motd?: pulumi.Input<string>;
  /** Lets containers run inside, as of an NspawnMachine. @default false */
  readonly nesting?: pulumi.Input<boolean>;
  /** Devices of the host, as of an NspawnMachine. @default [] */
  readonly devices?: pulumi.Input<pulumi.Input<string | Device>[]>;
  /** As of an NspawnMachine. @default true */
  readonly privateUsers?: pulumi.Input<PrivateUsers>;
  /** Whether `sshConfig` forwards the SSH agent; `ssh -A` does so too. @default false */
  readonly forwardAgent?: pulumi.Input<boolean>;
  /** The directory on the host that has its home and its sshd host key. Nothing in it is ever removed. @default "/var/lib/devboxes/NAME" */
  readonly data?: pulumi.Input<string>;
}
