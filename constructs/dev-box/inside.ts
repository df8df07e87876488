import * as pulumi from "@pulumi/pulumi";
import type {
  ProvisionArgs,
  ProvisionFile,
  ProvisionRepository,
  ProvisionStep,
} from "../../provider/resources/provision";
import { nameOf } from "../../provider/resources/provision/repository-inputs";
import type { DevBoxArgs, DevBoxRepository } from "./args";
import { type AptSource, aptFiles, aptStep, environmentFile, gitConfigFile } from "./box-files";
import { dotfilesStep } from "./dotfiles";
import { hookSteps } from "./hooks";
import { hostKeyStep } from "./sshd";

export const DEFAULT_UID = 1000;
const DOTFILES = ".dotfiles";

/** A box is for sessions, so it has sshd, sudo, and what turns a login into a user session. */
const ALWAYS = ["libpam-systemd", "openssh-server", "sudo"];
const OF_SHELLS: Readonly<Record<string, string>> = { zsh: "zsh", fish: "fish" };

/** Packages of the root: the requested ones, and those that the inputs need. */
export function packagesOf({
  packages,
  user,
  repositories,
  dotfiles,
  aptSources,
}: DevBoxArgs): pulumi.Output<string[]> {
  return pulumi
    .all([
      pulumi.output(packages ?? []),
      pulumi.output(user),
      pulumi.output(repositories ?? []),
      pulumi.output(dotfiles),
      pulumi.output(aptSources ?? []),
    ])
    .apply(([given, { shell, authorizedKeysFrom = [] }, cloned, settings, sources]) => {
      const urls = [...cloned, ...(settings === undefined ? [] : [settings])].map(({ url }) => url);
      const fetched = [...urls, ...authorizedKeysFrom.map(({ url }) => url), ...sources.map(({ url }) => url)];
      return [
        ...ALWAYS,
        ...given,
        ...Object.entries(OF_SHELLS).flatMap(([name, its]) => (shell?.endsWith(`/${name}`) ? [its] : [])),
        ...(urls.length === 0 ? [] : ["git", "openssh-client"]),
        ...(fetched.some((url) => url.startsWith("https:")) ? ["ca-certificates"] : []),
      ];
    });
}

/** The work inside a box. Each part is separate, so that a secret in one does not make the others secret. */
export function insideOf(args: DevBoxArgs, suite: pulumi.Output<string>): Omit<ProvisionArgs, "machine"> {
  const user = pulumi.output(args.user);
  const name = user.apply((whose) => whose.name);
  const secretNames = pulumi.unsecret(pulumi.output(args.secrets ?? {}).apply(Object.keys));
  const sources = pulumi
    .all([args.aptSources ?? [], suite])
    .apply(([list, release]) => list.map((one) => sourceOf(one, release)));
  return {
    users: [user.apply(({ uid = DEFAULT_UID, gid = uid, sudo = true, ...whose }) => ({ ...whose, uid, gid, sudo }))],
    files: pulumi
      .all([sources, args.environment ?? {}, pulumi.output(args.git), pulumi.output(args.motd)])
      .apply(([apt, environment, git, motd]): ProvisionFile[] => [
        ...apt.flatMap(aptFiles),
        ...environmentFile(environment),
        ...gitConfigFile(git),
        ...(motd === undefined ? [] : [{ path: "/etc/motd", content: motd.endsWith("\n") ? motd : `${motd}\n` }]),
      ]),
    repositories: pulumi
      .all([name, pulumi.output(args.dotfiles), args.repositories ?? []])
      .apply(([whose, dotfiles, repositories]) => [
        ...(dotfiles === undefined ? [] : [repositoryOf({ directory: DOTFILES, ...dotfiles }, whose)]),
        ...repositories.map((repository) => repositoryOf(repository, whose)),
      ]),
    steps: pulumi
      .all([
        name,
        sources,
        secretNames,
        args.environment ?? {},
        pulumi.output(args.dotfiles),
        pulumi.output(args.hooks),
        args.repositories ?? [],
      ])
      .apply(([whose, apt, secrets, environment, dotfiles, hooks, [first]]): ProvisionStep[] => {
        const common = { as: whose, environment };
        const cwd = first === undefined ? undefined : homely(first.directory ?? nameOf(first.url));
        return [
          ...apt.flatMap(aptStep),
          hostKeyStep,
          ...(dotfiles === undefined ? [] : [dotfilesStep(dotfiles, homely(dotfiles.directory ?? DOTFILES), common)]),
          ...hookSteps(hooks ?? {}, { ...common, ...(cwd !== undefined && { cwd }) }, secrets),
        ];
      }),
    ...(args.secrets === undefined && args.deployKeys === undefined ? {} : { secrets: secretsOf(args) }),
  };
}

function secretsOf({ secrets, deployKeys }: DevBoxArgs) {
  return pulumi.all([secrets ?? {}, deployKeys ?? {}]).apply(([own, keys]) => ({
    ...own,
    ...Object.fromEntries(Object.entries(keys).map(([key, text]) => [deployKeyName(key), text])),
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

function sourceOf(source: pulumi.Unwrap<NonNullable<DevBoxArgs["aptSources"]>>[number], release: string): AptSource {
  return { suite: release, components: ["main"], packages: [], ...source };
}

function homely(directory: string): string {
  return directory.replace(/^~\//, "");
}
