import assert from "node:assert/strict";
import type { Attack } from "../attack";
import { bagOf, type TreeGround } from "./ground";

const IRREGULAR = "is not a regular file";
const LARGE = "is larger than such a file can be";

interface File {
  readonly path: string;
  readonly called: string;
}

const STATUS: File = { path: "/var/lib/dpkg/status", called: "its list of packages" };
const RELEASE: File = { path: "/usr/lib/os-release", called: "its os-release" };

/** The guest replaces a file that the host reads in its tree. */
const replaced = (
  { path, called }: File,
  what: string,
  make: string,
  why: string,
  isLong = false,
): Attack<TreeGround> => {
  const [directory, file] = [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)];
  return {
    name: `a guest makes ${called} ${what}`,
    tries: `${make.replaceAll("FILE", path)}`,
    held: "drift and an update say so, and what was known is kept",
    isLong,
    prepare: async (ground) => {
      await ground.inBad(`cd ${directory} && mv ${file} ${file}.kept && ${make.replaceAll("FILE", file)}`);
    },
    verdict: async (ground) => {
      const { root } = await ground.refreshed();
      const known = ground.bad.root.state;
      assert.match(root.drift?.packages ?? "", new RegExp(`${path} in it ${why}`));
      assert.deepEqual([root.installedPackages, root.osRelease], [known.installedPackages, known.osRelease]);
      await assert.rejects(
        ground.roots.update(ground.bad.root, { hostname: "bad" }),
        new RegExp(`${path} in it ${why}`),
      );
    },
    undo: async (ground) => {
      await ground.inBad(`cd ${directory} && rm -rf ${file} && mv ${file}.kept ${file}`);
      assert.deepEqual((await ground.refreshed()).root.drift, {});
    },
  };
};

export const files: readonly Attack<TreeGround>[] = [
  replaced(STATUS, "20 GiB large", "truncate -s 20G FILE", LARGE),
  replaced(STATUS, "a link to a file of the host", "ln -s /etc/shadow FILE", IRREGULAR),
  replaced(STATUS, "a pipe", "mkfifo FILE", IRREGULAR),
  replaced(STATUS, "one line without end", 'head -c 300M /dev/zero | tr "\\0" x >FILE', LARGE),
  replaced(STATUS, "a directory", "mkdir FILE", IRREGULAR, true),
  replaced(STATUS, "a loop of links", "ln -s FILE FILE", IRREGULAR, true),
  replaced(RELEASE, "20 GiB large", "truncate -s 20G FILE", LARGE, true),
  replaced(RELEASE, "a link to a file of the host", "ln -s /etc/shadow FILE", IRREGULAR, true),
  replaced(RELEASE, "a pipe", "mkfifo FILE", IRREGULAR, true),
  {
    name: "a guest has control characters in its os-release and its list of packages",
    tries: "PRETTY_NAME, and the name of a package, with OSC 52, a cursor and a change of direction",
    held: "outputs have them escaped",
    prepare: async (ground) => {
      await ground.inBad(String.raw`
cp /usr/lib/os-release /srv/os-release; cp /var/lib/dpkg/status /srv/status
printf 'PRETTY_NAME="\033]52;c;aGk=\007\033[2J\342\200\256"\n' >>/usr/lib/os-release
sed -i '/^Package: systemd$/,/^$/s/^Version: .*/&'$'\033''[31m/' /var/lib/dpkg/status`);
    },
    verdict: async (ground) => {
      const { id, state } = ground.bad.root;
      const { properties } = await ground.withProvider((provider) => provider.read("DebianRootfs", id, bagOf(state)));
      const shown = JSON.stringify([properties.osRelease, properties.installedPackages]);
      assert.ok(shown.includes(String.raw`\\x1b]52;c;aGk=\\x07\\x1b[2J\\u202e`), shown);
      assert.doesNotMatch(shown, /\\u001b|\\u0007|\u202e/);
    },
    undo: async (ground) => {
      await ground.inBad("cp /srv/os-release /usr/lib/os-release; cp /srv/status /var/lib/dpkg/status");
      assert.deepEqual((await ground.refreshed()).root.drift, {});
    },
  },
];
