import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import ts from "typescript";
import { aptFiles } from "../../constructs/dev-box/box-files";
import { explainFullDisk } from "../../provider/host/disks";
import { quotedUrl } from "../../provider/quoted-url";
import { parseHost } from "../../provider/remote";
import { matchPattern } from "../../provider/remote/host-keys/pattern";
import { parsePublicKey } from "../../provider/remote/keys/public-key";
import { expandPath } from "../../provider/remote/ssh-config/tokens";
import * as rootfs from "../../provider/resources/debian-rootfs/rootfs-values";
import { absolutePath, authorizedKey, guestFile } from "../../provider/resources/guest-values";
import { nameOf, repositorySchema } from "../../provider/resources/provision/repository-inputs";
import { stepSchema } from "../../provider/resources/provision/step-inputs";
import { userSchema } from "../../provider/resources/provision/user-inputs";
import { machineName } from "../../provider/systemd/names";
import { parseNspawnWords } from "../../provider/systemd/nspawn-words";
import { absolutePath as settingsPath } from "../../provider/systemd/paths";
import { problemOf } from "../../provider/systemd/settings-file";
import { settingDrift } from "../../provider/systemd/unit-properties";
import { parseUnitWords } from "../../provider/systemd/unit-words";
import { root } from "../support/root";

/*
 * Texts of a user, of a host or of a guest can have any length. A pattern whose time grows with the square of it would not
 * end for these within hours; each of them takes a moment if it grows with the length. So the deadline measures nothing.
 */
const LENGTH = 2 ** 18;
const DEADLINE_MILLISECONDS = 60_000;
const times = (text: string) => text.repeat(Math.ceil(LENGTH / text.length));

const RUNS = ["/", "=", "-", ".", " ", "\t", "\\", '"', "'", "a", "1", "[", "${", "//", "a/", "a.", "a-", "- ", "%"];
const ENDS = ["", "!", "x", "\n", "\n!", "/", "\\", "@h", ":1"];
const HEADS = ["", "/", "deb ", "ssh://", "https://", "a@b:", "ssh-ed25519 ", "x"];
const hostile = HEADS.flatMap((head) => RUNS.flatMap((run) => ENDS.map((end) => ({ head, run, end }))));
const MORE = [
  `${times("ssh-rsa A ")}\n!`,
  times("argv[]="),
  `${times("ssh-ed25519 AAAA ")}!`,
  `1 2 3 xfs ${times(" ")}x`,
  times("deb http://a/ "),
];

const user = { name: "al" };
const repository = { url: "https://h/r", user: "al" };
const url = (text: string) => ({ url: text, sha256: "0".repeat(64) });
const unit = (key: string, value: string) => new Map([[key, [value]]]);

/** Everything that reads a text with a pattern. What it says is for other tests. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "a host": (text) => parseHost(text),
  "a refused URL": quotedUrl,
  "a path with variables": (text) => expandPath(text, { original: "h", host: "h", port: 1, user: "u" }, "/h"),
  "a public key": parsePublicKey,
  "a mirror": (text) => rootfs.mirror.safeParse(text),
  "a keyring": (text) => rootfs.keyring.safeParse(text),
  "a package": (text) => rootfs.packages.safeParse([text]),
  "a component": (text) => rootfs.component.safeParse(text),
  "a host name": (text) => rootfs.hostname.safeParse(text),
  "a locale": (text) => rootfs.locale.safeParse(text),
  "a time zone": (text) => rootfs.timezone.safeParse(text),
  "a guest's path": (text) => absolutePath.safeParse(text),
  "an authorized key": (text) => authorizedKey.safeParse(text),
  "a guest's file": (text) => guestFile.safeParse({ path: "/x", content: text, owner: text, mode: text }),
  "a repository's URL": (text) => repositorySchema.safeParse({ ...repository, url: text }),
  "a repository's directory": (text) => repositorySchema.safeParse({ ...repository, directory: text }),
  "a branch": (text) => repositorySchema.safeParse({ ...repository, branch: text }),
  "lines of known_hosts": (text) => repositorySchema.safeParse({ ...repository, knownHosts: [text] }),
  "a repository's name": nameOf,
  "a step": (text) => stepSchema.safeParse({ name: text, run: text, environment: { [text]: text } }),
  "a user": (text) => userSchema.safeParse({ name: text, home: text, comment: text, groups: [text] }),
  "keys from a URL": (text) => userSchema.safeParse({ ...user, authorizedKeysFrom: [url(text)] }),
  "a machine's name": (text) => machineName.safeParse(text),
  "a path of a settings file": (text) => settingsPath.safeParse(text),
  "a value of a settings file": problemOf,
  "words of a .nspawn file": parseNspawnWords,
  "words of a unit": parseUnitWords,
  "an apt source": (text) =>
    aptFiles({ name: text, url: text, suite: text, components: [text], key: text, packages: [] }),
  "a host's command line": (text) => settingDrift("ExecStart", [text.slice(0, 9)], unit("ExecStart", text)),
  "a host's time span": (text) => settingDrift("TimeoutStartSec", ["5"], unit("TimeoutStartUSec", text)),
  "a host's disks": (text) => explainFullDisk("No space left on device", text),
};

test.each(Object.entries(READERS))("%s is read in a time that grows with its length", (_what, read) => {
  const refusedToo = (text: string) => {
    try {
      read(text);
    } catch {
      // A refusal is as good.
    }
  };
  const readAll = () => {
    for (const { head, run, end } of hostile) refusedToo(`${head}${run.repeat(64)}${end}`);
    for (const text of MORE) refusedToo(text);
    for (const run of RUNS) for (const end of ["", "!", "\n!"]) refusedToo(`/${times(run)}${end}`);
  };
  // Only so can what hangs be ended.
  runInNewContext("readAll()", { readAll }, { timeout: DEADLINE_MILLISECONDS });
});

test("a pattern of ssh is compared in a time that does not depend on its asterisks", () => {
  expect(matchPattern("a".repeat(10_000), `${"*a".repeat(2000)}*b`)).toBe(false);
  expect(matchPattern("a".repeat(10_000), `${"*a".repeat(2000)}*`)).toBe(true);
  expect(matchPattern("abcabd", "*ab?")).toBe(true);
  expect(matchPattern("", "*")).toBe(true);
});

test("no pattern looks for the run of characters at a text's end from each of them", () => {
  const sources = ["provider", "constructs"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(root, folder, file)),
  );
  const found = sources.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
    const patterns: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) patterns.push(node.text);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return patterns;
  });
  expect(found.length).toBeGreaterThan(100);
  const runAtEnd = /(?:\\?.|\])[+*]\$\/[a-z]*$/;
  expect(
    found.filter(
      (text) => runAtEnd.test(text) && !/^\/(?:\^|\(\?<)/.test(text) && !text.includes("(?<") && !/y[a-z]*$/.test(text),
    ),
  ).toEqual([]);
});
