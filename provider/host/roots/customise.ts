import { lines, type Script } from "../../remote";
import { sh } from "../sh";

/** A file that a root gets. */
interface RootFile {
  readonly path: string;
  readonly content: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** What turns an instance of a base into an individual root; `undefined` leaves a setting alone. */
export interface Customisation {
  /** `null` removes the file, so that the machine's name applies. */
  readonly hostname?: string | null | undefined;
  readonly locale?: string | undefined;
  readonly timezone?: string | undefined;
  /** `null` locks the account again. */
  readonly rootPassword?: string | null | undefined;
  readonly authorizedKeys?: readonly string[] | undefined;
  readonly files?: readonly RootFile[] | undefined;
  readonly setup?: string | undefined;
}

/** What a root has without a setting; glibc treats a zone without a file as UTC. */
export const DEFAULT_LOCALE = "C.UTF-8";
export const DEFAULT_TIMEZONE = "Etc/UTC";

/** The script that runs inside a stopped root or a running machine; `undefined` if there is nothing to do. */
export function customise(to: Customisation): Script | undefined {
  const steps = [
    to.hostname === undefined ? [] : [setHostname(to.hostname)],
    to.locale === undefined ? [] : [setLocale(to.locale)],
    to.timezone === undefined ? [] : [setTimezone(to.timezone)],
    to.rootPassword === undefined ? [] : [setPassword(to.rootPassword)],
    to.authorizedKeys === undefined ? [] : [setKeys(to.authorizedKeys)],
    (to.files ?? []).map(writeRootFile),
    to.setup === undefined ? [] : [runSetup(to.setup)],
  ].flat();
  return steps.length === 0 ? undefined : lines(steps);
}

/** The packages that a customisation needs. */
export function packagesFor(to: Pick<Customisation, "locale" | "timezone">): string[] {
  const generated = to.locale !== undefined && !builtIn(to.locale);
  const zoned = to.timezone !== undefined && to.timezone !== DEFAULT_TIMEZONE;
  return [...(generated ? ["locales"] : []), ...(zoned ? ["tzdata"] : [])];
}

function setHostname(name: string | null): Script {
  if (name === null) return sh`rm -f /etc/hostname`;
  return sh`
${replaceFile("/etc/hostname", `${name}\n`)}
if [ -d /run/systemd/system ]; then hostname ${name}; fi
`;
}

function setLocale(locale: string): Script {
  const encoding = locale.split(".")[1]?.split("@")[0] ?? "UTF-8";
  const entry = `${locale} ${encoding}`;
  const generate = sh`
grep -qxF ${entry} /etc/locale.gen 2>/dev/null || printf '%s\n' ${entry} >>/etc/locale.gen
locale-gen >&2
`;
  return sh`
${builtIn(locale) ? sh`:` : generate}
${replaceFile("/etc/locale.conf", `LANG=${locale}\n`)}
if [ ! -L /etc/default/locale ]; then
${replaceFile("/etc/default/locale", `LANG=${locale}\n`)}
fi
`;
}

function builtIn(locale: string): boolean {
  return locale === "C" || locale === "POSIX" || locale === "C.UTF-8";
}

function setTimezone(timezone: string): Script {
  return sh`
[ ${timezone} = ${DEFAULT_TIMEZONE} ] || [ -e /usr/share/zoneinfo/${timezone} ] || { echo "E: there is no timezone "${timezone} >&2; exit 1; }
ln -sfn -- ../usr/share/zoneinfo/${timezone} /etc/localtime
${replaceFile("/etc/timezone", `${timezone}\n`)}
`;
}

/** The password goes through a pipe between builtins: it never appears in the arguments of a process. */
function setPassword(password: string | null): Script {
  if (password === null) return sh`usermod -p '*' root`;
  const hashed = /^\$[0-9a-z]+\$/.test(password) ? ["-e"] : [];
  return sh`printf '%s\n' ${`root:${password}`} | chpasswd ${hashed}`;
}

function setKeys(keys: readonly string[]): Script {
  return sh`
mkdir -p -m 0700 /root/.ssh
${replaceFile("/root/.ssh/authorized_keys", `${keys.join("\n")}\n`, "0600")}
`;
}

function writeRootFile({ path, content, mode, owner, group }: RootFile): Script {
  return replaceFile(path, content, mode, `${owner}:${group}`);
}

function replaceFile(path: string, content: string, mode = "0644", owner = "root:root"): Script {
  return sh`place_file ${[path, mode, owner, content]}`;
}

/** In a file, so that its first line can name an interpreter; /run goes away with the process or the machine's stop. */
function runSetup(setup: string): Script {
  return sh`
( umask 077; printf %s ${setup} >/run/pulumi-setup )
chmod 0700 /run/pulumi-setup
setup_status=0
${setup.startsWith("#!") ? sh`/run/pulumi-setup` : sh`sh -e /run/pulumi-setup`} >&2 || setup_status=$?
rm -f /run/pulumi-setup
[ "$setup_status" = 0 ] || { echo "E: the setup script ended with exit status $setup_status" >&2; exit 1; }
`;
}
