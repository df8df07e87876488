import * as pulumi from "@pulumi/pulumi";
import { NspawnResource } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { DeepInput } from "../deep-input";
import type { MachineRef } from "../nspawn-machine";
import type { HostRef } from "../on-host";
import type { Timeouts } from "../timeouts";
import { provisionHandler } from "./provision-handler";

/** What an `NspawnMachine` hands on; any resource of this shape is accepted where a machine is. */
type MachineLike = pulumi.CustomResource & {
  readonly name: pulumi.Output<string>;
  readonly rootfs: pulumi.Output<string>;
  readonly host: pulumi.Output<HostRef>;
  readonly credentials: pulumi.Output<Credentials | undefined>;
};

/** A user in a machine. */
export interface ProvisionUser {
  /** Lower-case letters, digits, `-` and `_`, 32 at most (useradd(8)). */
  readonly name: pulumi.Input<string>;
  /** Its number. @default what useradd(8) gives; an existing user keeps its own */
  readonly uid?: pulumi.Input<number>;
  /** The number of its group, where that is made. @default what groupadd(8) gives */
  readonly gid?: pulumi.Input<number>;
  /** Its primary group, made where it is missing. @default its name */
  readonly group?: pulumi.Input<string>;
  /** Its home: made where it is missing, and never removed. @default "/home/NAME" */
  readonly home?: pulumi.Input<string>;
  /** Its login shell. @default "/bin/bash" */
  readonly shell?: pulumi.Input<string>;
  /** The full name, used when the user is made. @default "" */
  readonly comment?: pulumi.Input<string>;
  /** All its other groups; missing ones are made, and it leaves those that are not listed. @default left alone */
  readonly groups?: pulumi.Input<pulumi.Input<string>[]>;
  /** Whether it may do everything by sudo(8), without a password. Needs the package sudo. @default false */
  readonly sudo?: pulumi.Input<boolean>;
  /** The whole text of its authorized_keys (sshd(8)), a key an item. @default left alone */
  readonly authorizedKeys?: pulumi.Input<pulumi.Input<string>[]>;
  /** Further keys, fetched once by the machine. Another text than the one with this hash is refused. @default none */
  readonly authorizedKeysFrom?: pulumi.Input<pulumi.Input<KeysFrom>[]>;
}

/** Keys behind a URL. */
export interface KeysFrom {
  /** As in `"https://github.com/alice.keys"`; https needs the package ca-certificates. */
  readonly url: pulumi.Input<string>;
  /** What `curl -s URL | sha256sum` prints. */
  readonly sha256: pulumi.Input<string>;
}

/** A file in a machine. */
export interface ProvisionFile {
  /** Absolute path; missing directories above it are made, for its owner within what belongs to it. No symbolic link is followed. */
  readonly path: pulumi.Input<string>;
  /** The whole text. It is secret in state where it is a secret Output. */
  readonly content: pulumi.Input<string>;
  /** Octal permissions, chmod(1). @default "0644" */
  readonly mode?: pulumi.Input<string>;
  /** A user of the machine, by name or number. @default "root" */
  readonly owner?: pulumi.Input<string>;
  /** A group of the machine, by name or number. @default "root" */
  readonly group?: pulumi.Input<string>;
}

/** A git repository of a user. */
export interface ProvisionRepository {
  /** `https://…`, `ssh://…`, `git@host:path` or `file://…`, without a password. */
  readonly url: pulumi.Input<string>;
  /** Absolute, or within the user's home. @default the last part of the URL, as git-clone(1) takes it */
  readonly directory?: pulumi.Input<string>;
  /** Whose it is, and as whom git runs. */
  readonly user: pulumi.Input<string>;
  /** The branch that is checked out. @default the remote's own */
  readonly branch?: pulumi.Input<string>;
  /** How many commits are fetched (`--depth`, git-clone(1)). @default all */
  readonly depth?: pulumi.Input<number>;
  /** Whether contents are fetched when they are needed (`--filter=blob:none`, git-clone(1)). @default false */
  readonly blobless?: pulumi.Input<boolean>;
  /** Whether its submodules come with it. @default false */
  readonly submodules?: pulumi.Input<boolean>;
  /** The name of the one of `secrets` that is a private key for ssh(1). @default none */
  readonly deployKey?: pulumi.Input<string>;
  /** Lines of known_hosts (sshd(8)) that the server is checked by, beside those of the user. @default [] */
  readonly knownHosts?: pulumi.Input<pulumi.Input<string>[]>;
}

/** A text for `sh -e` (for what it names where it begins with `#!`), or a program and its arguments by no shell. */
export type ProvisionCommand = string | readonly string[];

/** Something that is done in a machine, under a name. */
export interface ProvisionStep {
  /** Up to 64 letters, digits, blanks, dots, hyphens and `_`. */
  readonly name: pulumi.Input<string>;
  /** A command, or several by name that run at the same time and shall all succeed. Services are units, which a step starts. */
  readonly run: pulumi.Input<ProvisionCommand | Record<string, ProvisionCommand>>;
  /** The user it runs as, in the environment of a login. @default "root" */
  readonly as?: pulumi.Input<string>;
  /** Absolute, or within the home. @default the home */
  readonly cwd?: pulumi.Input<string>;
  /** Variables beside those of the login. @default none */
  readonly environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * When it runs: `once` in a root; when it has `changed` (command, user, directory or environment) and in a new root; or at each
   * `start` of the machine, by a unit of its own, also when Pulumi does not run.
   * @default "changed"
   */
  readonly when?: pulumi.Input<"once" | "changed" | "start">;
  /** A command: where it succeeds the step does not run, where it fails the step does, and has to make it succeed. @default the record decides */
  readonly check?: pulumi.Input<string>;
  /** Those of `secrets` that it finds as files in `$CREDENTIALS_DIRECTORY`, as services do (systemd.exec(5)). @default [] */
  readonly secrets?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Arguments of {@link Provision}. */
export interface ProvisionArgs {
  /** The machine, which has to run: an `NspawnMachine` or its `ref`. */
  readonly machine: pulumi.Input<MachineLike | MachineRef>;
  /** The host's credentials, where `machine` is a `ref`. @default those of the machine */
  readonly credentials?: DeepInput<Credentials>;
  /** Users, first of all. One that is taken off the list is removed where it was made here; its home stays. @default [] */
  readonly users?: pulumi.Input<pulumi.Input<ProvisionUser>[]>;
  /** Files, after the users. One that is taken off the list is removed where it was made here. @default [] */
  readonly files?: pulumi.Input<pulumi.Input<ProvisionFile>[]>;
  /**
   * Repositories, after the files: cloned once, and brought forward when something about them changes here. What has changes of its own is left
   * as it is, with a warning. Needs the package git, and openssh-client for ssh. @default []
   */
  readonly repositories?: pulumi.Input<pulumi.Input<ProvisionRepository>[]>;
  /** What is done at last, in this order; one that fails ends the work, and the next `up` goes on with it. @default [] */
  readonly steps?: pulumi.Input<pulumi.Input<ProvisionStep>[]>;
  /** Secrets by name, for steps and repositories that ask for them. A change alone runs nothing again. @default none */
  readonly secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** @default create and update 1800, delete 120, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * What is done inside a running machine: users, files, repositories, steps. What was done is recorded in the machine's root, so a new root gets
 * all of it, and a second `up` does nothing. On deletion the files and users that it made go; homes, repositories and what steps left stay.
 *
 * @throws in `up`: where a step fails (with the end of its output), and where the machine does not run or lacks a package.
 * @example
 * ```ts
 * new nspawn.Provision("web", {
 *   machine,
 *   users: [{ name: "deploy", authorizedKeys: ["ssh-ed25519 AAAA… alice"] }],
 *   files: [{ path: "/etc/motd", content: "Made by Pulumi.\n" }],
 *   repositories: [{ user: "deploy", url: "https://git.example.com/site.git", depth: 1 }],
 *   steps: [{ name: "build", as: "deploy", cwd: "site", run: "make" }],
 * });
 * ```
 */
export class Provision extends NspawnResource {
  /** @internal */
  static readonly handler = provisionHandler;

  /** How each repository and step ended: the exit status, and the end of what it printed, without the `secrets`. */
  declare readonly results: pulumi.Output<Record<string, { status: number; output: string }> | undefined>;
  /** The host it is on. */
  declare readonly host: pulumi.Output<HostRef>;

  constructor(name: string, args: ProvisionArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { machine, credentials, secrets, ...rest } = args;
    super(
      provisionHandler,
      name,
      {
        ...rest,
        ...machineInput(machine),
        ...(secrets !== undefined && { secrets: pulumi.secret(secrets) }),
        ...(credentials !== undefined && { credentials: pulumi.secret(credentials) }),
      },
      ["results"],
      opts,
    );
  }
}

/** Each part on its own: of a machine whose root is being replaced only the root is unknown in a preview. */
function machineInput(machine: pulumi.Input<MachineLike | MachineRef>) {
  const given = pulumi.output<MachineLike | MachineRef>(machine);
  return {
    name: given.apply((value) => value.name),
    machine: given.apply((value) => value.id),
    rootfs: given.apply((value) => value.rootfs),
    host: given.apply((value) => value.host),
    credentials: given.apply((value) => (isMachineLike(value) ? value.credentials : undefined)),
  };
}

function isMachineLike(value: unknown): value is MachineLike {
  return pulumi.Resource.isInstance(value) && "credentials" in value;
}
