import { command, tryCommand } from "../../../scripts/tools/command";

/**
 * What is needed to reach a Debian mirror from the outer machine: taken from its own apt, so that no mirror is named
 * here.
 */
export interface OuterApt {
  /** The repository of releases, e.g. the one with `dists/trixie`; absent if the outer machine is not a Debian. */
  readonly archive?: string;
  readonly security?: string;
  /** `Acquire` settings that decide whether a download works (proxy, validity, retries), as apt.conf text. */
  readonly settings: string;
}

export type Suite = "bookworm" | "trixie" | "forky";
export const suites: readonly Suite[] = ["bookworm", "trixie", "forky"];

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const releases = /^(bullseye|bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable)$/;
const securityReleases = /^(bullseye|bookworm|trixie|forky|oldoldstable|oldstable|stable|testing)-security$/;

/**
 * Reads `apt-get indextargets` lines of the form `REPOSITORY RELEASE COMPONENT`, which do not depend on the format of
 * the sources.
 */
export function parseIndexTargets(text: string): Pick<OuterApt, "archive" | "security"> {
  const targets = text.split("\n").map((line) => {
    const [repository = "", release = "", component = ""] = line.trim().split(" ");
    return { repository: repository.replace(/\/$/, ""), release, component };
  });
  const find = (wanted: RegExp): string | undefined =>
    targets.find((target) => target.component === "main" && wanted.test(target.release))?.repository;
  return { archive: find(releases), security: find(securityReleases) };
}

const reaching = /^Acquire::(https?::|Check-Valid-Until |Check-Date |Retries |ForceIPv[46] |Queue-Mode )/;

/** Keeps from `apt-config dump` what a download needs, and drops the outer machine's own preferences. */
export function reachingSettings(dump: string, environment: NodeJS.ProcessEnv = {}): string {
  const kept = dump.split("\n").filter((line) => reaching.test(line) && !line.endsWith(' "";'));
  for (const scheme of ["http", "https"]) {
    const proxy = environment[`${scheme}_proxy`];
    if (proxy && !kept.some((line) => line.startsWith(`Acquire::${scheme}::Proxy `))) {
      kept.push(`Acquire::${scheme}::Proxy "${proxy}";`);
    }
  }
  return kept.map((line) => `${line}\n`).join("");
}

export async function readOuterApt(): Promise<OuterApt> {
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  // The sources alone are enough; reading the package lists would take most of a second.
  const withoutLists = ["-o", "Dir::State::Lists=/dev/null", "-o", "Dir::State::status=/dev/null"];
  const targets = await tryCommand("apt-get", [
    ...withoutLists,
    ...["indextargets", "--format", format, "Identifier: Packages"],
  ]);
  const settings = reachingSettings(await command("apt-config", ["dump"]), process.env);
  return { ...parseIndexTargets(targets.stdout), settings };
}

/**
 * The sources of one suite, one line each; none if the outer machine knows no Debian mirror: the builder then uses its
 * own.
 */
export function sourceLines(apt: OuterApt, suite: Suite): string[] {
  if (!apt.archive) return [];
  const options = `[signed-by=${keyring}]`;
  const lines = [`deb ${options} ${apt.archive} ${suite} main`, `deb ${options} ${apt.archive} ${suite}-updates main`];
  if (apt.security) lines.push(`deb ${options} ${apt.security} ${suite}-security main`);
  return lines;
}

/** The same as a deb822 file, the format that Debian installs since trixie. */
export function deb822(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const [, , uri, suite, ...components] = line.split(" ");
      return `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: ${components.join(" ")}\nSigned-By: ${keyring}\n`;
    })
    .join("\n");
}
