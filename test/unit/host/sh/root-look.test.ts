import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { pipes, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const tree = "/srv/my 'new' tree";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const status = `${tree}/var/lib/dpkg/status`;
const release = `${tree}/usr/lib/os-release`;
/** What is printed of the release, and of the packages, each with what became of the file. */
const look = (before: Script = sh``) => printed(host, lines([before, sh`root_look ${host.at(tree)}`]));

function packages(...paragraphs: string[][]): string {
  host.write(status, paragraphs.map((lines) => `${lines.join("\n")}\n`).join("\n"));
  const [before, list = "", after] = look().split(/^\f.*\n/m);
  expect([before, after]).toEqual(["", ""]);
  return list;
}

const installed = (name: string, ...more: string[]) => [
  `Package: ${name}`,
  "Status: install ok installed",
  "Version: 1:2.3-4",
  ...more,
];

describe("root_look", () => {
  test("prints the name and the version of each package", () => {
    expect(packages(installed("bash"), installed("libc6"))).toBe("bash 1:2.3-4\nlibc6 1:2.3-4\n");
  });

  test("prints a package that is held", () => {
    expect(packages(["Package: a", "Status: hold ok installed", "Version: 1"])).toBe("a 1\n");
  });

  test.each([
    "deinstall ok config-files",
    "install ok half-configured",
    "install ok unpacked",
    "purge ok not-installed",
  ])("prints nothing of a package with the status %s, nor what it provides", (status) => {
    const gone = ["Package: gone", `Status: ${status}`, "Version: 1", "Provides: mail-agent"];
    expect(packages(installed("a", "Provides: x"), gone, ["Package: none"], installed("z"))).toBe(
      "a 1:2.3-4\nx -\nz 1:2.3-4\n",
    );
  });

  test("prints what a package provides, without its version and architecture", () => {
    expect(
      packages(installed("exim4", "Provides: mail-agent, smtp (= 4.96),  any:any,b [amd64]"), installed("z")),
    ).toBe("exim4 1:2.3-4\nmail-agent -\nsmtp -\nany -\nb -\nz 1:2.3-4\n");
  });

  test("does not take a description's lines for fields", () => {
    const description = ["Description: x", " Package: other", " Version: 9", "Version-Note: 8", "X-Provides: y"];
    expect(packages(installed("a", ...description))).toBe("a 1:2.3-4\n");
  });

  test("does not print the last package twice", () => {
    expect(packages(installed("a", ""), [])).toBe("a 1:2.3-4\n");
  });

  test("prints the release, and what became of each file", () => {
    host.write(release, "ID=debian\nNAME='\f\0x'");
    host.write(status, "Package: a\nStatus: a b installed\nVersion: 1\n");
    expect(look()).toBe("ID=debian\nNAME='x'\n\fread\na 1\n\fread\n");
  });

  test("prints nothing where there is nothing, or no file", () => {
    expect(look()).toBe("\ffailed\n\ffailed\n");
    mkdirSync(host.at(tree), { recursive: true });
    expect(look()).toBe("\fmissing\n\fmissing\n");
    mkdirSync(host.at(status), { recursive: true });
    expect(look()).toBe("\fmissing\n\firregular\n");
  });

  test("does not open a pipe that a guest put in the place of a file", () => {
    expect(look(pipes([host.at(status), host.at(release)], installed("bad").join("\n")))).toBe(
      "\firregular\n\firregular\n",
    );
  });

  test("follows no link, neither in the place of a file nor above it", () => {
    host.write("/srv/lib/os-release", "ID=secret\n");
    host.write("/srv/status", `${installed("secret").join("\n")}\n`);
    mkdirSync(host.at(`${tree}/var/lib/dpkg`), { recursive: true });
    symlinkSync(host.at("/srv"), host.at(`${tree}/usr`));
    symlinkSync("../../../../status", host.at(status));
    expect(look()).toBe("\firregular\n\firregular\n");
  });

  test("does not read a list that is larger than one can be", () => {
    host.write(status, "Package: a\nStatus: a b installed\nVersion: 1\n");
    truncateSync(host.at(status), 20 * 1024 ** 3);
    expect(look()).toBe("\fmissing\n\flarge\n");
  });

  test("prints no more than a list can have, and nothing of a line without end", () => {
    const many = `Provides: ${"a,".repeat(30_000)}`;
    host.write(status, `${installed("x", many).join("\n")}\n\n`.repeat(40));
    const text = look();
    expect(text.endsWith(" -\n\flarge\n")).toBe(true);
    expect(text.length).toBeLessThan(2_200_000);
    host.write(status, `${installed("x", `Provides: ${"a,".repeat(3_000_000)}`, "Version: 2").join("\n")}\n`);
    expect(look()).toBe("\fmissing\nx 2\n\fread\n");
  });
});
