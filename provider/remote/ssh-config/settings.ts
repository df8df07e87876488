import { z } from "zod";
import { isNone, localUser } from "./tokens";

/** What ssh tries if ssh_config names no key. */
export const DEFAULT_KEYS = ["rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk", "xmss", "dsa"].map(
  (type) => `~/.ssh/id_${type}`,
);

const isNothing = (value: string) => value === "" || isNone(value);
const isOff = (value: string) => /^(no|off|false)$/.test(value);
const isYes = (value: string) => /^(yes|true)$/.test(value);

const word = z.array(z.string()).transform(([value = ""]) => value);
const wordOrNone = word.transform((value) => (isNothing(value) ? undefined : value)).optional();
const integer = word.pipe(z.coerce.number<string>().int());
const integerOrNone = wordOrNone.pipe(z.coerce.number<string>().int().optional());
const flag = word.transform(isYes).default(false);
const files = z
  .array(z.string())
  .default([])
  .transform((paths) => paths.filter((path) => !isNothing(path)));
// `ssh -G` writes these paths on one line without quotes. A word that is not the beginning of an absolute path belongs
// to the path in front of it, since that has a blank in it.
const fileList = files.transform((lines) => lines.flatMap((line) => line.split(/ (?=[/~])/)));

/** What `ssh -G` prints, as far as it matters here: each keyword with its lines. */
const settingsSchema = z.object({
  hostname: word,
  user: word,
  port: integer,
  hostkeyalias: wordOrNone,
  stricthostkeychecking: word
    .transform((value) => (value === "accept-new" ? value : isOff(value) ? "off" : "strict"))
    .default("strict"),
  userknownhostsfile: fileList,
  globalknownhostsfile: fileList,
  hashknownhosts: flag,
  revokedhostkeys: wordOrNone,
  identityfile: files,
  certificatefile: files,
  identitiesonly: flag,
  /** `none` is not the same as none here: then no agent is asked. */
  identityagent: word.optional(),
  proxyjump: wordOrNone,
  proxycommand: wordOrNone,
  /** In seconds, as the next one. */
  connecttimeout: integerOrNone,
  serveraliveinterval: integerOrNone,
  serveralivecountmax: integerOrNone,
});
/** The settings of ssh for one host, with the tokens in them. */
export type Settings = z.output<typeof settingsSchema>;

/** Reads what `ssh -G` printed; `undefined` if that is not its output. */
export function parseSettings(text: string): Settings | undefined {
  const lines = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, keyword = "", value = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    lines.set(keyword.toLowerCase(), [...(lines.get(keyword.toLowerCase()) ?? []), value]);
  }
  return settingsSchema.safeParse(Object.fromEntries(lines)).data;
}

/** The settings of ssh without any ssh_config. */
export function defaultSettings(host: string, user = localUser(), port = 22): Settings {
  return settingsSchema.parse({
    hostname: [host.toLowerCase()],
    user: [user],
    port: [`${port}`],
    identityfile: DEFAULT_KEYS,
    userknownhostsfile: ["~/.ssh/known_hosts ~/.ssh/known_hosts2"],
    globalknownhostsfile: ["/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"],
  });
}
