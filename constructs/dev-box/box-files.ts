import { NO_RETRY_DELAY } from "../../provider/apt";
import type { ProvisionFile, ProvisionStep } from "../../provider/resources/provision";

/** An apt source as deb822 (sources.list(5)), together with its key. */
export interface AptSource {
  readonly name: string;
  readonly url: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly key: string;
  readonly packages: readonly string[];
}

export function aptFiles({ name, url, suite, components, key }: AptSource): ProvisionFile[] {
  const keyring = `/etc/apt/keyrings/devbox-${name}.asc`;
  const lines = [
    "Types: deb",
    `URIs: ${url}`,
    `Suites: ${suite}`,
    ...(components.length === 0 ? [] : [`Components: ${components.join(" ")}`]),
    `Signed-By: ${keyring}`,
  ];
  return [
    { path: keyring, content: `${key.trim()}\n` },
    { path: `/etc/apt/sources.list.d/devbox-${name}.sources`, content: `${lines.join("\n")}\n` },
  ];
}

const APT_GET = `apt-get -q ${NO_RETRY_DELAY.option}`;

/** Runs again when the source or its packages change. */
export function aptStep({ name, url, suite, components, packages }: AptSource): ProvisionStep[] {
  if (packages.length === 0) return [];
  const install = `${APT_GET} update
shift 1
${APT_GET} -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold install "$@"`;
  return [
    {
      name: `apt ${name}`,
      environment: { DEBIAN_FRONTEND: "noninteractive" },
      run: ["sh", "-e", "-c", install, "apt", [url, suite, ...components].join(" "), ...packages],
    },
  ];
}

/** pam_env(8) has no quoting there, and treats "#" as the beginning of a comment anywhere. */
export function environmentFile(environment: Readonly<Record<string, string>>): ProvisionFile[] {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  return lines.length === 0 ? [] : [{ path: "/etc/environment", content: lines.join("") }];
}

/** gitconfig, "Syntax": in double quotes, with quotes and backslashes escaped. */
export function gitConfigFile(git: { readonly name: string; readonly email: string } | undefined): ProvisionFile[] {
  if (git === undefined) return [];
  const value = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  return [{ path: "/etc/gitconfig", content: `[user]\n\tname = ${value(git.name)}\n\temail = ${value(git.email)}\n` }];
}
