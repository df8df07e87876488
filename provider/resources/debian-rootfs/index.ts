import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { DeepInput } from "../deep-input";
import type { RootfsRef } from "../nspawn-machine";
import { type HostInput, type HostRef, hostInput } from "../on-host";
import type { Timeouts } from "../timeouts";
import { rootfsHandler } from "./rootfs-handler";
import type { Architecture, Suite } from "./rootfs-values";

/** A file that a root gets. */
export interface RootfsFile {
  /** Absolute path inside the root; directories above it are made. */
  readonly path: pulumi.Input<string>;
  /** The whole text of the file. */
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
  /** Where it is: a `Host`, its `ref`, a connection, `"ssh://user@host:port"`, an alias of ssh_config(5), or `"local"`. */
  readonly host: pulumi.Input<HostInput>;
  /** Passwords and keys for the host, kept secret in state. @default those of the `Host` */
  readonly credentials?: DeepInput<Credentials>;
  /**
   * The name below /var/lib/machines, and that of the machine: letters, digits, hyphens and dots, 64 at most
   * (hostname_is_valid in systemd). Names up to 12 characters keep the name of the link readable.
   * @default the logical name
   */
  readonly name?: pulumi.Input<string>;
  /** The release of Debian. A change makes a new root and is refused unless `dataLoss` is `"allow"`. @default "trixie" */
  readonly suite?: pulumi.Input<Suite | (string & Record<never, never>)>;
  /** The architecture as dpkg(1) names it. Another than the host's needs qemu-user-static there. @default the host's own */
  readonly arch?: pulumi.Input<Architecture>;
  /** `minbase`: what apt needs. `important`: a small Debian, what debootstrap(8) installs by default. @default "minbase" */
  readonly variant?: pulumi.Input<"minbase" | "important">;
  /**
   * Packages beside what makes it boot, by name (Debian Policy 5.6.1). Added and removed in place, in a running machine too;
   * recommended packages are not installed.
   * @default []
   */
  readonly packages?: pulumi.Input<pulumi.Input<string>[]>;
  /** Components of the archive; used when the root is made. @default ["main"] */
  readonly components?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Mirrors, each a URL or a whole entry `deb URL SUITE COMPONENT…` of sources.list(5); used when the root is made. No password
   * stands in a URL: the host's apt_auth.conf(5) holds it.
   * @default what the host's own apt uses, with updates and security; else the builder's default
   */
  readonly mirrors?: pulumi.Input<pulumi.Input<string>[]>;
  /** A keyring on the host that signs the mirrors; used when the root is made. @default Debian's own */
  readonly keyring?: pulumi.Input<string>;
  /** What makes the base. `auto` is mmdebstrap where the host has it, else debootstrap, about twice as slow. @default "auto" */
  readonly builder?: pulumi.Input<"auto" | "mmdebstrap" | "debootstrap">;
  /**
   * The text of /etc/hostname, which beats the `hostname` of the machine; a running machine takes it at once.
   * @default no such file: the machine's `hostname` holds
   */
  readonly hostname?: pulumi.Input<string>;
  /** The system's locale, such as `"de_DE.UTF-8"`, generated if needed; new sessions have it. @default none set */
  readonly locale?: pulumi.Input<string>;
  /** The time zone, such as `"Europe/Berlin"`. @default Debian's, UTC */
  readonly timezone?: pulumi.Input<string>;
  /** Root's password, or its crypt(5) hash; kept secret. @default none: the account is locked */
  readonly rootPassword?: pulumi.Input<string>;
  /** Root's authorized_keys, all of it, sshd(8). @default left alone */
  readonly authorizedKeys?: pulumi.Input<pulumi.Input<string>[]>;
  /** Files to write, after the packages. One that is taken off the list stays in the root. @default [] */
  readonly files?: pulumi.Input<pulumi.Input<RootfsFile>[]>;
  /**
   * A script that runs once inside the new root, last, as root, before it ever boots; without a `#!` line by `sh -e`. A later
   * change of it is recorded and not run.
   * @default none
   */
  readonly setup?: pulumi.Input<string>;
  /**
   * Whether the base (all but name, settings, files and setup) is kept on the host for other roots, and how many days it may be
   * used before it is built anew for the sake of updates. `true` is 7 days, `{ maxAgeDays: 0 }` any age.
   * @default true
   */
  readonly cache?: pulumi.Input<boolean | { readonly maxAgeDays: number }>;
  /** Whether a change may replace the root and lose all that is in it. @default "refuse" */
  readonly dataLoss?: pulumi.Input<"refuse" | "allow">;
  /**
   * Takes over a root of this name that is there already, as it is: it only gets the `packages` and settings that are given here,
   * and the preview tells which. `setup` does not run.
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean>;
  /** @default create and update 1800, delete 300, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A Debian file system for a machine, in /var/lib/machines. It is built aside, from a base that is bootstrapped once a host,
 * and takes its name when it is complete; a new one that replaces it waits for the machine to exchange them.
 *
 * @throws in the preview: where a change would lose what is in it. In `up`: where a package or the mirror is not there, where there
 * is no space, and where the name is somebody else's.
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
  /** Where the root is once it has its name. */
  declare readonly path: pulumi.Output<string>;
  /** What the root says about itself in os-release(5); `versionId` is empty for testing and sid. */
  declare readonly osRelease: pulumi.Output<{ prettyName: string; versionId: string; codename: string }>;
  /** The versions of the packages that were asked for, by name; empty text for a name that another package provides. */
  declare readonly installedPackages: pulumi.Output<Record<string, string>>;
  /** The base it was made from; empty where that was not kept. */
  declare readonly cacheKey: pulumi.Output<string>;
  /** Its architecture, as dpkg names it. */
  declare readonly architecture: pulumi.Output<string>;
  /** What made it: `mmdebstrap` or `debootstrap`; empty where it was taken over. */
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

  /** The root as plain JSON, for stack references: accepted wherever a `DebianRootfs` is. */
  get ref(): pulumi.Output<RootfsRef> {
    return pulumi.output({ id: this.id, name: this.name, host: this.host });
  }
}
