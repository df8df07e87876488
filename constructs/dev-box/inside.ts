import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../../provider/dynamic";
import { DEFAULT_SUITE } from "../../provider/resources/debian-rootfs/rootfs-values";
import type {
  ProvisionArgs,
  ProvisionFile,
  ProvisionRepository,
  ProvisionStep,
} from "../../provider/resources/provision";
import { nameOf } from "../../provider/resources/provision/repository-inputs";
import type { DevBoxArgs, DevBoxRepository } from "./args";
import { type AptSource, aptFiles, aptStep, environmentFile, gitConfigFile } from "./box-files";
import { madeOf } from "./box-inputs";
import { dotfilesStep } from "./dotfiles";
import { hookSteps } from "./hooks";
import { hostKeyStep } from "./sshd";

export const DEFAULT_UID = 1000;
const DOTFILES = ".dotfiles";

/** A box is for sessions, so it has sshd, sudo, and what turns a login into a user session. */
const ALWAYS = ["libpam-systemd", "openssh-server", "sudo"];
const OF_SHELLS: Readonly<Record<string, string>> = { zsh: "zsh", fish: "fish" };

/** Packages of the root: the requested ones, and those that the inputs need. */
export function packagesOf(args: DevBoxArgs): pulumi.Output<string[]> {
  const keys = ["packages", "user", "repositories", "dotfiles", "aptSources"] as const;
  return madeOf(args, keys, ({ packages = [], user, repositories = [], dotfiles, aptSources = [] }) => {
    const urls = [...repositories, ...(dotfiles === undefined ? [] : [dotfiles])].map(({ url }) => url);
    const keyUrls = (user.authorizedKeysFrom ?? []).map(({ url }) => url);
    const fetched = [...urls, ...keyUrls, ...aptSources.map(({ url }) => url)];
    return [
      ...ALWAYS,
      ...packages,
      ...Object.entries(OF_SHELLS).flatMap(([name, its]) => (user.shell?.endsWith(`/${name}`) ? [its] : [])),
      ...(urls.length === 0 ? [] : ["git", "openssh-client"]),
      ...(fetched.some((url) => url.startsWith("https:")) ? ["ca-certificates"] : []),
    ];
  });
}

/** The work inside a box. Each part is separate, so that a secret in one does not make the others secret. */
export function insideOf(args: DevBoxArgs): Omit<ProvisionArgs, "machine"> {
  const secretNames = pulumi.unsecret(
    pulumi.output(args.secrets).apply((secrets) => (isRecord(secrets) ? Object.keys(secrets) : [])),
  );
  return {
    users: madeOf(args, ["user"], ({ user: { uid = DEFAULT_UID, gid = uid, sudo = true, ...user } }) => [
      { ...user, uid, gid, sudo },
    ]),
    files: madeOf(
      args,
      ["aptSources", "suite", "environment", "git", "motd"],
      ({ environment = {}, git, motd, ...apt }): ProvisionFile[] => [
        ...sourcesOf(apt).flatMap(aptFiles),
        ...environmentFile(environment),
        ...gitConfigFile(git),
        ...(motd === undefined ? [] : [{ path: "/etc/motd", content: motd.endsWith("\n") ? motd : `${motd}\n` }]),
      ],
    ),
    repositories: madeOf(args, ["user", "dotfiles", "repositories"], ({ user, dotfiles, repositories = [] }) => [
      ...(dotfiles === undefined ? [] : [repositoryOf({ directory: DOTFILES, ...dotfiles }, user.name)]),
      ...repositories.map((repository) => repositoryOf(repository, user.name)),
    ]),
    steps: madeOf(
      args,
      ["user", "aptSources", "suite", "environment", "dotfiles", "hooks", "repositories"],
      ({ user, environment = {}, dotfiles, hooks = {}, repositories = [], ...apt }) => {
        const common = { as: user.name, environment };
        const [first] = repositories;
        const cwd = first === undefined ? undefined : homely(first.directory ?? nameOf(first.url));
        const own = { ...common, ...(cwd !== undefined && { cwd }) };
        return secretNames.apply((secrets): ProvisionStep[] => [
          ...sourcesOf(apt).flatMap(aptStep),
          hostKeyStep,
          ...(dotfiles === undefined ? [] : [dotfilesStep(dotfiles, homely(dotfiles.directory ?? DOTFILES), common)]),
          ...hookSteps(hooks, own, secrets),
        ]);
      },
    ),
    ...(args.secrets === undefined && args.deployKeys === undefined ? {} : { secrets: secretsOf(args) }),
  };
}

function secretsOf(args: DevBoxArgs): pulumi.Output<Record<string, string>> {
  return madeOf(args, ["secrets", "deployKeys"], ({ secrets = {}, deployKeys = {} }) => ({
    ...secrets,
    ...Object.fromEntries(Object.entries(deployKeys).map(([key, text]) => [deployKeyName(key), text])),
  }));
}

function repositoryOf(
  repository: pulumi.Unwrap<DevBoxRepository> & { script?: string },
  user: string,
): ProvisionRepository {
  const { script: _script, deployKey, ...rest } = repository;
  return { ...rest, user, ...(deployKey !== undefined && { deployKey: deployKeyName(deployKey) }) };
}

/** Secrets and deploy keys may have the same names. */
function deployKeyName(name: string): string {
  return `deploy-key-${name}`;
}

function sourcesOf({
  aptSources = [],
  suite = DEFAULT_SUITE,
}: pulumi.Unwrap<Pick<DevBoxArgs, "aptSources" | "suite">>): AptSource[] {
  return aptSources.map((source) => ({ suite, components: ["main"], packages: [], ...source }));
}

function homely(directory: string): string {
  return directory.replace(/^~\//, "");
}
