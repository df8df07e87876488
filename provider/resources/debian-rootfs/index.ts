import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { DeepInput } from "../deep-input";
import type { RootfsRef } from "../nspawn-machine";
import { type HostInput, type HostRef, hostInput } from "../on-host";
import type { Timeouts } from "../timeouts";
import { rootfsHandler } from "./rootfs-handler";
import type { Architecture, Suite } from "./rootfs-values";

/** A file to write into a root. */
export interface RootfsFile {
  /** Absolute path inside the root; missing parent directories are created. */
  readonly path: pulumi.Input<string>;
  /** The file's complete text. */
  readonly content: pulumi.Input<string>;
  /** Octal permissions, chmod(1). @default "0644" */
  readonly mode?: pulumi.Input<string>;
  /** A user of the root, by name or number. @default "root" */
  readonly owner?: pulumi.Input<string>;
  /** A group of the root, by name or number. @default "root" */
  readonly group?: pulumi.Input<string>;
}

/** Arguments of {@link DebianRootfs}. */
export interface DebianRootfsArgs {
  /** The host: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default the `Host`'s own */
  readonly credentials?: DeepInput<Credentials>;
  /**
   * The name below /var/lib/machines, and the machine's name: letters, digits, hyphens and dots, 64 at most
   * (hostname_is_valid in systemd). Names of up to 12 characters keep the name of the link readable.
   * @default the logical name
   */
  readonly name?: pulumi.Input<string>;
  /**
   * The Debian release. A change creates a new root, and is refused unless `dataLoss` is `"allow"`.
   * @default "trixie"
   */
  readonly suite?: pulumi.Input<Suite | (string & Record<never, never>)>;
  /**
   * The architecture as dpkg(1) names it. One that is not the host's needs qemu-user-static there.
   * @default the host's own
   */
  readonly arch?: pulumi.Input<Architecture>;
  /**
   * `minbase`: only what apt needs. `important`: a small Debian, as debootstrap(8) installs by default.
   * @default "minbase"
   */
  readonly variant?: pulumi.Input<"minbase" | "important">;
  /**
   * Packages to install in addition to those it needs to boot, by name (Debian Policy 5.6.1), or with a version or the
   * beginning of one: `"nginx=1.26*"`. They are added and removed in place, even in a running machine. A package that you
   * take off the list goes, with what only it needed, unless something else needs it or somebody had installed it before
   * (apt-mark(8)). Recommended packages are not installed.
   * @default []
   */
  readonly packages?: pulumi.Input<pulumi.Input<string>[]>;
  /** Components of the archive. Used when the root is created. @default ["main"] */
  readonly components?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Mirrors, each a URL or a complete sources.list(5) entry `deb URL SUITE COMPONENT…`. Used when the root is created.
   * Do not put a password into a URL: use the host's apt_auth.conf(5).
   * @default what the host's own apt uses, with updates and security; else the builder's default
   */
  readonly mirrors?: pulumi.Input<pulumi.Input<string>[]>;
  /** A keyring on the host with the keys that sign the mirrors. Used when the root is created. @default Debian's own */
  readonly keyring?: pulumi.Input<string>;
  /**
   * The builder of the base. `auto`: mmdebstrap if the host has it, else debootstrap, about half as fast.
   * @default "auto"
   */
  readonly builder?: pulumi.Input<"auto" | "mmdebstrap" | "debootstrap">;
  /**
   * The text of /etc/hostname. It overrides the machine's `hostname`, and a running machine takes it at once.
   * @default no such file: the machine's `hostname` applies
   */
  readonly hostname?: pulumi.Input<string>;
  /** The system's locale, such as `"de_DE.UTF-8"`, generated if needed. New sessions use it. @default none set */
  readonly locale?: pulumi.Input<string>;
  /** The time zone, such as `"Europe/Berlin"`. @default Debian's, UTC */
  readonly timezone?: pulumi.Input<string>;
  /** Root's password, or its crypt(5) hash; kept secret. @default none: the account is locked */
  readonly rootPassword?: pulumi.Input<string>;
  /** Root's complete authorized_keys, sshd(8). @default left alone */
  readonly authorizedKeys?: pulumi.Input<pulumi.Input<string>[]>;
  /** Files to write, after the packages. A file removed from the list stays in the root. @default [] */
  readonly files?: pulumi.Input<pulumi.Input<RootfsFile>[]>;
  /**
   * A script that runs once inside the new root, last, as root, before the root first boots. Without a `#!` line it is
   * run by `sh -e`. A later change of it is recorded but not run.
   * @default none
   */
  readonly setup?: pulumi.Input<string>;
  /**
   * Whether the base (without name, settings, files and setup) is cached on the host for other roots, and after how
   * many days it is rebuilt to pick up updates. `true` is 7 days, `{ maxAgeDays: 0 }` any age.
   * @default true
   */
  readonly cache?: pulumi.Input<boolean | { readonly maxAgeDays: number }>;
  /** Whether a change may replace the root and lose everything in it. @default "refuse" */
  readonly dataLoss?: pulumi.Input<"refuse" | "allow">;
  /**
   * Takes over an existing root of this name as it is. Only the `packages` and settings that you give here are applied,
   * and the preview shows which. `setup` does not run.
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean>;
  /** @default create and update 1800, delete 300, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A Debian file system for a machine, in /var/lib/machines. It is built from a base that is bootstrapped once per host,
 * and gets its name only when it is complete. A new one that replaces an old one waits until the machine swaps them.
 *
 * @throws in the preview: if a change would lose the root's contents. In `up`: if a package or the mirror does not
 * exist, if a change of packages would remove others, if the host has too little disk space, or if the name is taken.
 * @example
 * ```ts
 * const rootfs = new nspawn.DebianRootfs("web", { host, suite: "trixie", packages: ["nginx"] });
 * ```
 */
export class DebianRootfs extends NspawnResource {
  /** @internal */
  static readonly handler = rootfsHandler;

  /** The name below /var/lib/machines. */
  declare readonly name: pulumi.Output<string>;
  /** The root's path once it has its name. */
  declare readonly path: pulumi.Output<string>;
  /** The root's os-release(5); `versionId` is empty for testing and sid. */
  declare readonly osRelease: pulumi.Output<{ prettyName: string; versionId: string; codename: string }>;
  /** The versions of the requested packages, by name; empty text for a name that another package provides. */
  declare readonly installedPackages: pulumi.Output<Record<string, string>>;
  /** The base it was built from; empty if that was not kept. */
  declare readonly cacheKey: pulumi.Output<string>;
  /** Its architecture, as dpkg names it. */
  declare readonly architecture: pulumi.Output<string>;
  /** What built it: `mmdebstrap` or `debootstrap`; empty if it was adopted. */
  declare readonly builtWith: pulumi.Output<string>;
  /** The host as plain JSON. */
  declare readonly host: pulumi.Output<HostRef>;
  /** The host's credentials, secret. */
  declare readonly credentials: pulumi.Output<Credentials | undefined>;

  constructor(name: string, args: DebianRootfsArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, credentials, rootPassword, ...rest } = args;
    super(
      rootfsHandler,
      name,
      {
        ...rest,
        name: args.name ?? name,
        ...hostInput(host, credentials),
        rootPassword: rootPassword === undefined ? undefined : pulumi.secret(rootPassword),
      },
      ["path", "osRelease", "installedPackages", "cacheKey", "architecture", "builtWith", "credentials"],
      opts,
    );
  }

  /** The root as plain JSON, for stack references. Accepted wherever a `DebianRootfs` is. */
  get ref(): pulumi.Output<RootfsRef> {
    return pulumi.output({ id: this.id, name: this.name, host: this.host });
  }
}
