// Written by `npm run docs`.
import type * as pulumi from "@pulumi/pulumi";

/** Keys of `[Exec]` in systemd.nspawn(5), each with the version of systemd that introduced it. */
export interface NspawnExecSettings {
  /** Arguments of the machine's init. Like the kernel, newer versions turn `KEY=VALUE` without a dot in `KEY` into variables. Takes a list of words. From systemd 226. @default none */
  readonly Parameters?: pulumi.Input<pulumi.Input<string>[]>;
  /** The directory inside that init starts in. Takes an absolute path, without "." and ".." in it. From systemd 229. @default / */
  readonly WorkingDirectory?: pulumi.Input<string>;
  /** A directory of the root that becomes `/`, and where to put the old one, which needs `privateUsers: false`. Takes an absolute path, or two with a colon between, as NEW:OLD. From systemd 233. @default none */
  readonly PivotRoot?: pulumi.Input<string>;
  /** Capabilities to take away from the machine. Takes a list: each item a capability of capabilities(7), as "CAP_SYS_NICE", or "all". From systemd 226. @default none */
  readonly DropCapability?: pulumi.Input<pulumi.Input<string>[]>;
  /** Whether setuid programs and file capabilities have no effect. From systemd 239. @default no */
  readonly NoNewPrivileges?: pulumi.Input<boolean>;
  /** The signal that makes the machine's init shut down. Takes a signal of signal(7), as "SIGTERM" or "SIGRTMIN+3". From systemd 230. @default SIGRTMIN+3 */
  readonly KillSignal?: pulumi.Input<string>;
  /** How many further ranges of user IDs machines inside may have; needs `privateUsers: "managed"`. Takes a whole number from 0 to 16. From systemd 260. @default 0 */
  readonly PrivateUsersDelegate?: pulumi.Input<number>;
  /** The architecture that uname(2) reports: the host's, or its 32-bit sibling. From systemd 226. @default the host's */
  readonly Personality?: pulumi.Input<
    "x86-64" | "x86" | "arm" | "arm64" | "loongarch64" | "mips64-le" | "ppc64-le" | "riscv64" | "s390x"
  >;
  /** The machine ID, if the root's `/etc/machine-id` is empty or missing. Takes 32 hexadecimal digits or a UUID, not all of them 0. From systemd 226. @default the root's own */
  readonly MachineID?: pulumi.Input<string>;
  /** Whether the unit counts as started only when the machine's init reports it; it then has 10 minutes to start. From systemd 231. @default no */
  readonly NotifyReady?: pulumi.Input<boolean>;
  /** System calls to permit or prohibit in addition to the usual ones. Takes a list: each item a system call, or a group as "@keyring"; with ~ in front, it is prohibited. From systemd 235. @default those of systemd-nspawn(1) */
  readonly SystemCallFilter?: pulumi.Input<pulumi.Input<string>[]>;
  /** Socket address families that the machine may use. Takes a list: each item an address family, as "AF_INET"; with ~ in front, it is prohibited; "none" prohibits all. From systemd 261. @default no restriction */
  readonly RestrictAddressFamilies?: pulumi.Input<pulumi.Input<string>[]>;
  /** Processor time of a process. Takes seconds, or a number with us, ms, s, min, h or d, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitCPU?: pulumi.Input<number | string>;
  /** Size of a file that a process writes. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitFSIZE?: pulumi.Input<number | string>;
  /** Data segment of a process. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitDATA?: pulumi.Input<number | string>;
  /** Stack of a process. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitSTACK?: pulumi.Input<number | string>;
  /** Size of a core file. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitCORE?: pulumi.Input<number | string>;
  /** Resident memory of a process; Linux ignores it. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitRSS?: pulumi.Input<number | string>;
  /** Open files of a process. Takes a number, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitNOFILE?: pulumi.Input<number | string>;
  /** Address space of a process. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitAS?: pulumi.Input<number | string>;
  /** Processes of a user. Takes a number, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitNPROC?: pulumi.Input<number | string>;
  /** Locked memory of a process. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitMEMLOCK?: pulumi.Input<number | string>;
  /** File locks of a process; Linux ignores it. Takes a number, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitLOCKS?: pulumi.Input<number | string>;
  /** Queued signals of a user. Takes a number, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitSIGPENDING?: pulumi.Input<number | string>;
  /** POSIX message queues of a user. Takes bytes, or a number with K, M, G, T, P or E, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitMSGQUEUE?: pulumi.Input<number | string>;
  /** How far the nice level of a process may go down: the limit is 20 minus the level. Takes 0 to 40, or a nice level as +5 or -5; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitNICE?: pulumi.Input<number | string>;
  /** Real-time priority of a process. Takes a number, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitRTPRIO?: pulumi.Input<number | string>;
  /** Processor time of a real-time process between two blocking calls. Takes microseconds, or a number with us, ms, s, min, h or d, or "infinity"; or two as SOFT:HARD, with SOFT not above HARD. From systemd 239. @default the kernel's for PID 1 */
  readonly LimitRTTIME?: pulumi.Input<number | string>;
  /** How early the kernel kills the machine's processes when memory runs out; needs `privateUsers: false`. Takes a whole number from -1000 to 1000. From systemd 239. @default 0 */
  readonly OOMScoreAdjust?: pulumi.Input<number>;
  /** Processors that the machine runs on. Takes processors, as "0-3,7". From systemd 239. @default all */
  readonly CPUAffinity?: pulumi.Input<string>;
  /** How `/etc/resolv.conf` is set up; `auto` leaves it alone if the machine has its own network. From systemd 239. @default auto */
  readonly ResolvConf?: pulumi.Input<
    | "off"
    | "copy-host"
    | "copy-static"
    | "copy-uplink"
    | "copy-stub"
    | "replace-host"
    | "replace-static"
    | "replace-uplink"
    | "replace-stub"
    | "bind-host"
    | "bind-static"
    | "bind-uplink"
    | "bind-stub"
    | "delete"
    | "auto"
  >;
  /** How `/etc/localtime` is set up; `off` leaves the root its own. From systemd 239. @default off */
  readonly Timezone?: pulumi.Input<"off" | "copy" | "bind" | "symlink" | "delete" | "auto">;
  /** Where the machine's journal is stored, and whether the host sees it. From systemd 239. @default try-guest */
  readonly LinkJournal?: pulumi.Input<"auto" | "no" | "host" | "try-host" | "guest" | "try-guest">;
  /** Whether fsync(2) and the like do nothing: faster, but not safe if the host crashes. From systemd 250. @default no */
  readonly SuppressSync?: pulumi.Input<boolean>;
}

/** Keys of `[Files]` in systemd.nspawn(5), each with the version of systemd that introduced it. */
export interface NspawnFilesSettings {
  /** Whether the root is read-only. From systemd 226. @default no */
  readonly ReadOnly?: pulumi.Input<boolean>;
  /** Which changes are lost when the machine stops: all except in `/usr`, those in `/var` (`state`), or all (`overlay`). From systemd 226. @default no */
  readonly Volatile?: pulumi.Input<boolean | "state" | "overlay">;
  /** Users of the host that exist in the machine too, each with its home. Takes a list: each item the name of a user. From systemd 249. @default none */
  readonly BindUser?: pulumi.Input<pulumi.Input<string>[]>;
  /** The shell of those users inside: the same as on the host (`yes`), or a path. Takes a boolean, or an absolute path, without "." and ".." in it. From systemd 258. @default no */
  readonly BindUserShell?: pulumi.Input<boolean | string>;
}

/** Keys of `[Network]` in systemd.nspawn(5), each with the version of systemd that introduced it. */
export interface NspawnNetworkSettings {
  /** The network namespace that the machine runs in, as `/run/netns/NAME`; needs `networks: ["none"]` and `privateUsers: false`. Takes an absolute path, without "." and ".." in it. From systemd 259. @default none */
  readonly NamespacePath?: pulumi.Input<string>;
  /** Interfaces of the host that are moved into the machine while it runs. Takes a list: each item an interface of the host, as NAME, or as NAME:INSIDE for another name inside. From systemd 226. @default none */
  readonly Interface?: pulumi.Input<pulumi.Input<string>[]>;
  /** Interfaces of the host on which the machine gets a macvlan interface. Takes a list: each item an interface of the host, as NAME, or as NAME:INSIDE for another name inside. From systemd 226. @default none */
  readonly MACVLAN?: pulumi.Input<pulumi.Input<string>[]>;
  /** Interfaces of the host on which the machine gets an ipvlan interface. Takes a list: each item an interface of the host, as NAME, or as NAME:INSIDE for another name inside. From systemd 226. @default none */
  readonly IPVLAN?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Keys of systemd.nspawn(5) under their own names, by section. A change restarts the machine. */
export interface NspawnSettings {
  /** Keys of `[Exec]`. @default none */
  readonly Exec?: pulumi.Input<NspawnExecSettings>;
  /** Keys of `[Files]`. @default none */
  readonly Files?: pulumi.Input<NspawnFilesSettings>;
  /** Keys of `[Network]`. @default none */
  readonly Network?: pulumi.Input<NspawnNetworkSettings>;
  /** Lines for keys that this version of the library does not know, exactly as in the file. @default none */
  readonly lines?: pulumi.Input<NspawnSettingsLines>;
}

/** Lines `Key=VALUE` of a `.nspawn` file, by section. */
export interface NspawnSettingsLines {
  /** Lines of `[Exec]`. @default none */
  readonly Exec?: pulumi.Input<pulumi.Input<string>[]>;
  /** Lines of `[Files]`. @default none */
  readonly Files?: pulumi.Input<pulumi.Input<string>[]>;
  /** Lines of `[Network]`. @default none */
  readonly Network?: pulumi.Input<pulumi.Input<string>[]>;
}
