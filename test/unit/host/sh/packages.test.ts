import { mkdirSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { pipes, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const tree = "/srv/my 'new' tree";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

function packages(...paragraphs: string[][]): string {
  host.write(`${tree}/var/lib/dpkg/status`, paragraphs.map((lines) => `${lines.join("\n")}\n`).join("\n"));
  return printed(host, sh`root_packages ${host.at(tree)}`);
}

const installed = (name: string, ...more: string[]) => [
  `Package: ${name}`,
  "Status: install ok installed",
  "Version: 1:2.3-4",
  ...more,
];

describe("root_packages", () => {
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

  test("prints nothing where there is no list", () => {
    expect(printed(host, sh`root_packages ${host.at(tree)}`)).toBe("");
    mkdirSync(host.at(`${tree}/var/lib/dpkg/status`), { recursive: true });
    expect(printed(host, sh`root_packages ${host.at(tree)}`)).toBe("");
  });

  test("does not open a pipe that a guest put in the place of the list", () => {
    const before = pipes([host.at(`${tree}/var/lib/dpkg/status`)], installed("bad").join("\n"));
    expect(printed(host, lines([before, sh`root_packages ${host.at(tree)}`]))).toBe("");
  });
});
