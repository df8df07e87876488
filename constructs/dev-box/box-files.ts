import { NO_RETRY_DELAY } from "../../provider/apt";
import { quotedUrl } from "../../provider/quoted-url";
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

/** A value of a deb822 field, or one word of a list there. */
const plain = /^[^\s\p{Cc}]+$/u;

export function aptFiles({ name, url, suite, components, key }: AptSource): ProvisionFile[] {
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    throw new TypeError(`${JSON.stringify(name)} is not the name of an apt source: letters, digits, hyphens and _`);
  if (!key.includes("BEGIN PGP PUBLIC KEY BLOCK"))
    throw new TypeError(`the key of the apt source "${name}" is not an ASCII-armored public key`);
  for (const value of [url, suite, ...components]) {
    if (!plain.test(value)) throw new TypeError(`${quotedUrl(value)} is not allowed in the apt source "${name}"`);
  }
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
  const lines = Object.entries(environment).map(([name, value]) => {
    if (/[#\p{Cc}]|^["'\s]|\s$/u.test(value)) {
      throw new TypeError(
        `the value of ${name} is not allowed in /etc/environment: no line break or other control character, no "#", and no blank or quote at an end. Set it in a dotfile.`,
      );
    }
    return `${name}=${value}\n`;
  });
  return lines.length === 0 ? [] : [{ path: "/etc/environment", content: lines.join("") }];
}

/** gitconfig, "Syntax": in double quotes, with quotes and backslashes escaped. */
export function gitConfigFile(git: { readonly name: string; readonly email: string } | undefined): ProvisionFile[] {
  if (git === undefined) return [];
  const value = (text: string) => `"${text.replace(/\p{Cc}/gu, " ").replace(/["\\]/g, "\\$&")}"`;
  return [{ path: "/etc/gitconfig", content: `[user]\n\tname = ${value(git.name)}\n\temail = ${value(git.email)}\n` }];
}
