const { existsSync } = require("node:fs");
const { delimiter, join } = require("node:path");

/** Whether a shell would find a program. */
const installed = (name) =>
  (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, name)));
/** Whether Debian's packages can be installed without asking anybody. */
const debianRoot = existsSync("/usr/bin/dpkg-query") && process.getuid?.() === 0;
const withApt = ["guest-packages", "package-plan"].map((name) => `test/unit/host/sh/${name}.test.ts`);
const missing = debianRoot ? [] : ["shellcheck", "shfmt"].filter((name) => !installed(name));

/** Folders and files of the unit ring that cannot run on this machine, and why. */
module.exports = [
  ...(process.platform === "linux"
    ? []
    : [
        {
          path: "test/unit/host",
          why: `the shell of those tests is a Debian host's, and this is ${process.platform}`,
        },
      ]),
  ...(installed("apt-get") && installed("dpkg-deb")
    ? []
    : withApt.map((path) => ({ path, why: "it needs Debian's apt-get and dpkg-deb" }))),
  ...(missing.length === 0
    ? []
    : [{ path: "test/unit/shell", why: `${missing.join(" and ")} cannot be found; install ${missing.join(" ")}` }]),
];
