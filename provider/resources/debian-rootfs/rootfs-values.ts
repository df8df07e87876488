import { z } from "zod";
import { distinctPackages, nameOf } from "../../host/roots/package-specs";
import { quotedUrl } from "../../quoted-url";
import { absolutePath } from "../guest-values";

/** Debian releases that a machine can be built from, oldest first. */
export const SUITES = ["bullseye", "bookworm", "trixie", "forky", "sid"] as const;
export type Suite = (typeof SUITES)[number];

/** Debian's stable release. */
export const DEFAULT_SUITE: Suite = "trixie";

/** Debian architectures that systemd-nspawn runs on, as dpkg names them. */
export const ARCHITECTURES = [
  "amd64",
  "arm64",
  "armel",
  "armhf",
  "i386",
  "loong64",
  "mips64el",
  "ppc64el",
  "riscv64",
  "s390x",
] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Variants that debootstrap and mmdebstrap both have under the same name with the same meaning. */
const VARIANTS = ["minbase", "important"] as const;
const BUILDERS = ["auto", "mmdebstrap", "debootstrap"] as const;

const quoted = (value: unknown) => JSON.stringify(value) ?? "nothing";
const MOVING = ["stable", "oldstable", "oldoldstable", "testing", "unstable", "experimental"];

export const suite = z.enum(SUITES, {
  error: ({ input }) =>
    MOVING.includes(String(input))
      ? `${quoted(input)} will mean another release one day, so it cannot identify a root's release: write the codename. Known are ${SUITES.join(", ")}.`
      : `${quoted(input)} is not a Debian release that this package knows. Known are ${SUITES.join(", ")}.`,
});

export const architecture = z.enum(ARCHITECTURES, {
  error: ({ input }) =>
    `${quoted(input)} is not a Debian architecture${input === "x86_64" ? ": Debian calls it amd64" : input === "aarch64" ? ": Debian calls it arm64" : ""}. Known are ${ARCHITECTURES.join(", ")}.`,
});

export const variant = z.enum(VARIANTS, {
  error: ({ input }) =>
    `${quoted(input)} is not a variant: write minbase (what apt needs) or important (a small Debian).`,
});

export const builder = z.enum(BUILDERS, {
  error: ({ input }) => `${quoted(input)} is not a builder: write auto, mmdebstrap or debootstrap.`,
});

/** A name by Debian Policy 5.6.1: at least two characters, lower case; and a version by 5.6.12, or how it begins. */
const packageSpec = z.string("a package name is text").regex(/^[a-z0-9][a-z0-9+.-]+(?:=[A-Za-z0-9.+:~-]+\*?)?$/, {
  error: ({ input }) =>
    `${quoted(input)} is not a package name: lower-case letters, digits, + - and . (Debian Policy 5.6.1), without an architecture; a version follows as in "nginx=1.26*".`,
});

export const packages = z
  .array(packageSpec)
  .transform(distinctPackages)
  .superRefine((specs, context) => {
    const twice = specs.find((spec, index) => index > 0 && nameOf(specs[index - 1] ?? "") === nameOf(spec));
    if (twice === undefined) return;
    context.addIssue({ code: "custom", message: `two versions of ${quoted(nameOf(twice))} are in the list` });
  });

export const component = z.string("a component is text").regex(/^[a-z][a-z0-9/-]*$/, {
  error: ({ input }) =>
    `${quoted(input)} is not a component: Debian's are main, contrib, non-free and non-free-firmware.`,
});

// A suite with a slash at its end is a path, and has no components.
const ENTRY = /^deb (?:\[[^\]'"\\]+\] )?(\S+) [^\s'"\\[\]#]*[^\s'"\\[\]#/](?: [^\s'"\\[\]#]+)+$/;

/** In sources.list(5), brackets group words: only around an address, both are there. `#` begins a comment anywhere. */
const PLAIN_URL = /^https?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s'"\\[\]/?#])[^\s'"\\[\]#]*$/;

/**
 * A mirror's URL, or a complete one-line sources.list(5) entry. Never a password, because the entry ends up in the
 * root.
 */
export const mirror = z
  .string("a mirror is text")
  .transform((text) => text.trim().replace(/\s+/g, " "))
  .superRefine((text, context) => {
    const refuse = (message: string) => context.addIssue({ code: "custom", message });
    const entry = text.startsWith("deb ");
    const url = entry ? ENTRY.exec(text)?.[1] : text;
    const shown = entry ? "the entry" : quotedUrl(text);
    if (/[\p{Cc}\p{Cs}]/u.test(text)) return refuse(`${shown} has a control character or half of a character in it.`);
    if (url === undefined)
      return refuse('the text that begins with "deb" is not a sources.list entry: write "deb URL SUITE COMPONENT…".');
    if (!PLAIN_URL.test(url) || !URL.canParse(url)) {
      return refuse(
        `${entry ? 'the URL of the "deb" line' : shown} is not a mirror: write an http or https URL, or a whole "deb URL SUITE COMPONENT…" line.`,
      );
    }
    const { username, password, hostname } = new URL(url);
    if (username === "" && password === "") return;
    refuse(
      `the mirror ${hostname} has a user name or password in its URL, which would end up in the root and in Pulumi's state. ` +
        `Put it into /etc/apt/auth.conf.d/mirror.conf on the host ("machine ${hostname} login … password …", apt_auth.conf(5)); mmdebstrap reads it.`,
    );
  });

/** Its path is an option of sources.list(5) entries, which cannot quote. */
export const keyring = absolutePath.refine((path) => !/[\s,[\]"'\\%#\p{Cs}]/u.test(path), {
  error: ({ input }) =>
    `${quoted(input)} cannot be in sources.list(5): no blanks, commas, brackets, quotation marks, backslashes, "%" and "#".`,
});

/** hostname(7): labels of letters, digits and hyphens, 64 characters at most. */
export const hostname = z
  .string("a host name is text")
  .max(64, { error: ({ input }) => `${quoted(input)} is not a host name: Linux allows 64 characters.` })
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/, {
    error: ({ input }) => `${quoted(input)} is not a host name: letters, digits and hyphens, in parts joined by dots.`,
  });

/** As in /usr/share/i18n/SUPPORTED: `de_DE.UTF-8`. */
export const locale = z
  .string("a locale is text")
  .regex(/^(?:C|POSIX|C\.UTF-8|[a-z]{2,3}_[A-Z]{2}(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?)$/, {
    error: ({ input }) => `${quoted(input)} is not a locale: write one such as de_DE.UTF-8 or C.UTF-8.`,
  });

/** A name below /usr/share/zoneinfo: `Europe/Berlin`. */
export const timezone = z.string("a time zone is text").regex(/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/, {
  error: ({ input }) => `${quoted(input)} is not a time zone: write one such as Europe/Berlin or Etc/UTC.`,
});

// The value itself never appears in a message.
export const password = z
  .string("a password is text")
  .min(1, "an empty password would let everyone in: leave it out, and the account stays locked")
  .regex(/^[^\r\n\0]*$/, "a password cannot hold a line break");

export const setupScript = z
  .string("a setup script is text")
  .min(1, "the setup script is empty: leave it out")
  .regex(/^[^\0]*$/, "a script cannot hold a NUL character");

export const cache = z.union([z.boolean(), z.strictObject({ maxAgeDays: z.int().min(0).max(3650) })], {
  error: () => "write true, false or { maxAgeDays: 7 }",
});
