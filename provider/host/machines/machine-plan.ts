import type { Script } from "../../remote";
import type { OwnedFiles } from "../files";
import type { MountedSource } from "../mounts/mounted-sources";
import type { HostLink } from "../networks/links";
import type { Claim } from "../ownership";

/** Something that a machine needs, and the version of systemd that has it. */
export interface Need {
  /** As the user wrote it: `settings.Exec.SuppressSync`. */
  readonly what: string;
  readonly systemd: number;
}

/** The desired state of a machine on a host. */
export interface MachinePlan {
  readonly name: string;
  /** The root it runs from: its own name, or another's if it is ephemeral. */
  readonly rootName: string;
  /** The generation of its root that it boots, and no other. Empty: the one that has the name. */
  readonly generation: string;
  readonly claim: Claim;
  readonly files: OwnedFiles;
  /** The lines of its `.nspawn` file that the program wrote, numbered from 1; `undefined` if all are. */
  readonly ownLines: readonly number[] | undefined;
  /** Settings of its unit's drop-ins that no other drop-in may override, by how a change of them takes effect. */
  readonly overridable: Readonly<Record<keyof OwnedFiles, readonly string[]>>;
  /** Whether the unit may have a unit file of its own, as a machine that was adopted keeps what it had. */
  readonly keepsUnitFile: boolean;
  /** Settings that only a newer systemd knows. */
  readonly needs: readonly Need[];
  /** Run before the preflight: locks under which other scripts read the machine's files. */
  readonly locks: readonly Script[];
  /** Run before anything is changed; they may refuse. */
  readonly preflight: readonly Script[];
  /** Run as soon as the files are in place, while the locks are still held. */
  readonly afterWrite: readonly Script[];
  /** Run every time once the files are in place, before the start; they check before they change anything. */
  readonly beforeStart: readonly Script[];
  readonly running: boolean;
  readonly autostart: boolean;
  readonly waitFor: "started" | "booted" | "networked";
  /** Its own links to wait for: the end inside, and the address it gets if that is known. */
  readonly links: readonly { readonly guestInterface: string; readonly address?: string }[];
  /** The host's ends of its links. */
  readonly hostLinks: readonly HostLink[];
  /** Directories of the host that are mounted in it. */
  readonly mounted: readonly MountedSource[];
  /** Seconds for the boot. */
  readonly bootSeconds: number;
}
