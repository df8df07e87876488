import * as pulumi from "@pulumi/pulumi";
import { NspawnResource, whenKnown } from "../../dynamic";
import type { Credentials } from "../../remote";
import type { DeepInput } from "../deep-input";
import { memberInput } from "../given";
import type { MachineRef } from "../nspawn-machine";
import type { HostRef } from "../on-host";
import type { Timeouts } from "../timeouts";
import { provisionHandler } from "./provision-handler";

/** What an `NspawnMachine` passes on. Any resource of this shape is accepted as a machine. */
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
  /** Its user ID. @default what useradd(8) assigns; an existing user keeps its own */
  readonly uid?: pulumi.Input<number>;
  /** The ID of its group, if the group is created. @default what groupadd(8) assigns */
  readonly gid?: pulumi.Input<number>;
  /** Its primary group, created if missing. @default its name */
  readonly group?: pulumi.Input<string>;
  /** Its home: created if missing, and never removed. @default "/home/NAME" */
  readonly home?: pulumi.Input<string>;
  /** Its login shell. @default "/bin/bash" */
  readonly shell?: pulumi.Input<string>;
  /** The full name, used when the user is created. @default "" */
  readonly comment?: pulumi.Input<string>;
  /**
   * All its other groups. Missing ones are created, and the user leaves groups that are not listed.
   * @default left alone
   */
  readonly groups?: pulumi.Input<pulumi.Input<string>[]>;
  /** Whether it may run everything with sudo(8), without a password. Needs the package sudo. @default false */
  readonly sudo?: pulumi.Input<boolean>;
  /** The complete authorized_keys (sshd(8)), one key per item. @default left alone */
  readonly authorizedKeys?: pulumi.Input<pulumi.Input<string>[]>;
  /** Additional keys, fetched once by the machine. Content whose hash differs is refused. @default none */
  readonly authorizedKeysFrom?: pulumi.Input<pulumi.Input<KeysFrom>[]>;
}

/** Keys at a URL. */
export interface KeysFrom {
  /** As in `"https://github.com/alice.keys"`; https needs the package ca-certificates. */
  readonly url: pulumi.Input<string>;
  /** What `curl -s URL | sha256sum` prints. */
  readonly sha256: pulumi.Input<string>;
}

/** A file in a machine. */
export interface ProvisionFile {
  /**
   * Absolute path. Missing parent directories are created; inside a directory of its owner they get the same owner.
   * Symbolic links are not followed.
   */
  readonly path: pulumi.Input<string>;
  /** The complete text. It is secret in state if it is a secret Output. */
  readonly content: pulumi.Input<string>;
  /** Octal permissions, chmod(1). @default "0644" */
  readonly mode?: pulumi.Input<string>;
  /** A user of the machine, by name or number. @default "root" */
  readonly owner?: pulumi.Input<string>;
  /** A group of the machine, by name or number. @default "root" */
  readonly group?: pulumi.Input<string>;
}

/** A user's git repository. */
export interface ProvisionRepository {
  /** `https://…`, `ssh://…`, `git@host:path` or `file://…`, without a password. */
  readonly url: pulumi.Input<string>;
  /** Absolute, or within the user's home. @default the last part of the URL, as git-clone(1) takes it */
  readonly directory?: pulumi.Input<string>;
  /** The user who owns it, and who git runs as. */
  readonly user: pulumi.Input<string>;
  /** The branch to check out. @default the remote's own */
  readonly branch?: pulumi.Input<string>;
  /** How many commits to fetch (`--depth`, git-clone(1)). @default all */
  readonly depth?: pulumi.Input<number>;
  /** Whether file contents are fetched only when needed (`--filter=blob:none`, git-clone(1)). @default false */
  readonly blobless?: pulumi.Input<boolean>;
  /** Whether to include its submodules. @default false */
  readonly submodules?: pulumi.Input<boolean>;
  /** The name of an entry in `secrets` that is a private key for ssh(1). @default none */
  readonly deployKey?: pulumi.Input<string>;
  /** Lines of known_hosts (sshd(8)) to check the server's key, in addition to the user's own. @default [] */
  readonly knownHosts?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A script for `sh -e`, or for the interpreter in its `#!` line, or a program with its arguments, run without a shell.
 */
export type ProvisionCommand = string | readonly string[];

/** A named command to run in a machine. */
export interface ProvisionStep {
  /** Up to 64 letters, digits, blanks, dots, hyphens and `_`. */
  readonly name: pulumi.Input<string>;
  /**
   * A command, or several named ones that run at the same time and must all succeed. To run a service, start a unit in
   * a step.
   */
  readonly run: pulumi.Input<ProvisionCommand | Record<string, ProvisionCommand>>;
  /** The user it runs as, in a login environment. @default "root" */
  readonly as?: pulumi.Input<string>;
  /** The working directory, absolute or relative to the home. @default the home */
  readonly cwd?: pulumi.Input<string>;
  /** Variables in addition to the login's. @default none */
  readonly environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * When it runs: `once` per root; when it has `changed` (command, user, directory or environment) and in a new root;
   * or at each `start` of the machine, from a unit of its own, even when Pulumi does not run.
   * @default "changed"
   */
  readonly when?: pulumi.Input<"once" | "changed" | "start">;
  /**
   * A command that decides whether the step runs: only if it fails. It must succeed after the step.
   * @default the record decides
   */
  readonly check?: pulumi.Input<string>;
  /**
   * Names of `secrets` that it gets as files in `$CREDENTIALS_DIRECTORY`, as services do (systemd.exec(5)).
   * @default []
   */
  readonly secrets?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Arguments of {@link Provision}. */
export interface ProvisionArgs {
  /** The machine, which must be running: an `NspawnMachine` or its `ref`. */
  readonly machine: pulumi.Input<MachineLike | MachineRef>;
  /** The host's credentials, if `machine` is a `ref`. @default the machine's */
  readonly credentials?: DeepInput<Credentials>;
  /**
   * Users, created first. A user removed from the list is deleted if it was created here; its home stays.
   * @default []
   */
  readonly users?: pulumi.Input<pulumi.Input<ProvisionUser>[]>;
  /** Files, written after the users. A file removed from the list is deleted if it was created here. @default [] */
  readonly files?: pulumi.Input<pulumi.Input<ProvisionFile>[]>;
  /**
   * Repositories, after the files: cloned once, and updated when their inputs change here. A clone with local changes
   * is left as it is, with a warning. Needs the package git, and openssh-client for ssh. @default []
   */
  readonly repositories?: pulumi.Input<pulumi.Input<ProvisionRepository>[]>;
  /** Steps, run last, in this order. A failing step ends the work, and the next `up` resumes with it. @default [] */
  readonly steps?: pulumi.Input<pulumi.Input<ProvisionStep>[]>;
  /**
   * Secrets by name, for steps and repositories that use them. A changed secret alone does not run anything again.
   * @default none
   */
  readonly secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** @default create and update 1800, delete 120, read 120 seconds */
  readonly timeouts?: pulumi.Input<Timeouts>;
}

/**
 * Work inside a running machine: users, files, repositories, steps. Finished work is recorded in the machine's root. So
 * a new root gets all of it, and a second `up` does nothing. Deleting it removes the files and users that it created;
 * homes, repositories and the results of steps stay.
 *
 * @throws in `up`: if a step fails (with the last lines of its output), or if the machine does not run or lacks a
 * package.
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

  /**
   * How each repository and step ended: the exit status and its last output, with `secrets` removed. It is secret if one
   * of `users`, `files`, `repositories` and `steps` is, or if there are `secrets`.
   */
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

/** Each part separately: if the root of a machine is being replaced, only the root is unknown in a preview. */
function machineInput(machine: pulumi.Input<MachineLike | MachineRef>) {
  const member = (key: string) => memberInput(machine, key, "an NspawnMachine or its ref");
  return {
    name: member("name"),
    machine: member("id"),
    rootfs: member("rootfs"),
    host: member("host"),
    credentials: whenKnown(machine, (value) => (isMachineLike(value) ? value.credentials : undefined)),
  };
}

function isMachineLike(value: unknown): value is MachineLike {
  return pulumi.Resource.isInstance(value) && "credentials" in value;
}
