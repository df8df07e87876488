import { lines, type Script } from "../../remote";
import { sh } from "../sh";
import type { GuestStep } from "./guest-steps";

/** A git repository of a user. */
export interface GuestRepository {
  readonly url: string;
  /** Absolute, or within the user's home. */
  readonly directory: string;
  readonly user: string;
  readonly branch?: string | undefined;
  /** How many commits to fetch. */
  readonly depth?: number | undefined;
  /** Whether to fetch contents only when they are needed. */
  readonly blobless: boolean;
  readonly submodules: boolean;
  /** Lines of known_hosts. */
  readonly knownHosts: readonly string[];
  /** The text of a private key. */
  readonly deployKey?: string | undefined;
}

const SSH = /^(?:(?:git\+)?ssh:\/\/|[^/:]+@[^/:]+:)/;

/** Refuses with `no-package` if the guest lacks a package that its repositories need. */
export function requireGit(repositories: readonly GuestRepository[]): Script {
  if (repositories.length === 0) return sh`:`;
  const need = (command: string, name: string) =>
    sh`command -v ${command} >/dev/null || refuse no-package ${name} repositories`;
  return lines([
    need("git", "git"),
    repositories.some(({ url }) => SSH.test(url)) ? need("ssh", "openssh-client") : sh`:`,
    repositories.some(({ url }) => url.startsWith("https:"))
      ? sh`[ -e /etc/ssl/certs/ca-certificates.crt ] || refuse no-package ca-certificates repositories`
      : sh`:`,
  ]);
}

/**
 * The step that clones a repository, or updates a clean one; one that somebody works on stays as it is, with a warning.
 */
export function repositoryStep(repository: GuestRepository): GuestStep {
  const { deployKey, knownHosts, ...what } = repository;
  return {
    name: `repository ${repository.directory}`,
    run: repositoryScript(repository).text,
    as: repository.user,
    environment: {},
    when: "changed",
    secrets: deployKey === undefined ? {} : { key: `${deployKey.trimEnd()}\n` },
    identity: what,
    leaves: repository.directory,
  };
}

function repositoryScript({ url, directory, branch, depth, blobless, submodules, ...rest }: GuestRepository): Script {
  const how = [
    ...(depth === undefined ? [] : [`--depth=${depth}`]),
    ...(blobless ? ["--filter=blob:none"] : []),
    ...(branch === undefined ? [] : [`--branch=${branch}`]),
    ...(submodules ? ["--recurse-submodules"] : []),
    ...(submodules && depth !== undefined ? ["--shallow-submodules"] : []),
  ];
  return sh`
repository=${directory}
${sshCommand(rest)}
GIT_TERMINAL_PROMPT=0; export GIT_TERMINAL_PROMPT
if [ ! -e "$repository" ] || { [ -d "$repository" ] && [ -z "$(ls -A -- "$repository")" ]; }; then
  mkdir -p -- "$(dirname -- "$repository")"
  fresh=$repository.pulumi-nspawn-new
  rm -rf -- "$fresh"
  git clone --progress ${how} -- ${url} "$fresh"
  [ ! -d "$repository" ] || rmdir -- "$repository"
  mv -T -- "$fresh" "$repository"
  exit 0
fi
[ -e "$repository/.git" ] || repository_leave "something else is there"
[ "$(repository_git remote get-url origin 2>/dev/null)" = ${url} ] || repository_leave "its origin is $(repository_git remote get-url origin 2>&1)"
[ -z "$(repository_git status --porcelain 2>&1)" ] || repository_leave "it has uncommitted changes"
branch=${branch ?? ""}
[ -n "$branch" ] || branch=$(repository_git symbolic-ref --short -q HEAD) || repository_leave "it is on no branch"
# Without --depth: with it, the new commits of a shallow clone would have no parents, and could not be merged.
repository_git fetch origin "+refs/heads/$branch:refs/remotes/origin/$branch" || repository_leave "it could not be fetched"
if [ "$(repository_git symbolic-ref --short -q HEAD)" != "$branch" ]; then
  repository_git checkout -q "$branch" -- || repository_git checkout -q -b "$branch" "origin/$branch" || repository_leave "$branch could not be checked out"
fi
repository_git merge -q --ff-only "origin/$branch" || repository_leave "its branch $branch and the one of origin have diverged"
${submodules ? sh`repository_git submodule update --init --recursive` : sh`:`}
`;
}

/** The key is a file that only its user can read; it is removed when the step ends. */
function sshCommand({ deployKey, knownHosts }: Pick<GuestRepository, "deployKey" | "knownHosts">): Script {
  return sh`
known=$(mktemp)
trap 'rm -f -- "$known"' EXIT
printf %s ${knownHosts.map((line) => `${line}\n`).join("")} >"$known"
GIT_SSH_COMMAND="ssh -o BatchMode=yes -o UserKnownHostsFile='$known ~/.ssh/known_hosts' ${
    deployKey === undefined ? sh`` : sh`-o IdentitiesOnly=yes -i '$CREDENTIALS_DIRECTORY/key'`
  }"
export GIT_SSH_COMMAND
`;
}
