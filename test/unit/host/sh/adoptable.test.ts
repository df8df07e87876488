import { mkdirSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { answered, called } from "../support/functions";
import { writeMarker } from "../support/generations";
import { ScratchHost } from "../support/scratch-host";

const images = "/var/lib/machines";
const web = `${images}/web`;

let host: ScratchHost;
beforeEach(() => start("case $1 in is-active) echo active ;; is-enabled) echo enabled ;; esac"));
afterEach(() => host.remove());

function start(systemctl: string): void {
  host = new ScratchHost({ systemctl }, ["/run/systemd"]);
}

const answers = (before = sh``) => answered(host, lines([before, sh`adoptable_answer web`]));
/** The answers with a key, without the key and the machine's name. */
const about = (key: string, all = answers()) => all.filter(([first]) => first === key).map(([, , ...rest]) => rest);

describe("adoptable_answer", () => {
  test("answers the state of a machine alone where there is nothing of it", () => {
    expect(answers()).toEqual([["adoptable", "web", "active", "enabled"]]);
    expect(called(host)).toEqual([
      "systemctl is-active systemd-nspawn@web.service",
      "systemctl is-enabled systemd-nspawn@web.service",
    ]);
  });

  test("answers what systemd says although it fails, and nothing for what it does not say", () => {
    host.remove();
    start("case $1 in is-active) echo inactive; exit 3 ;; is-enabled) echo 'no such unit' >&2; exit 1 ;; esac");
    expect(answers()).toEqual([["adoptable", "web", "inactive", ""]]);
  });

  test("answers the settings that nspawn would read: the host's, those for now, those next to the tree", () => {
    const texts = () => answers().filter(([key]) => key === "adoptable-settings");
    const places = [`${images}/web.nspawn`, "/run/systemd/nspawn/web.nspawn", "/etc/systemd/nspawn/web.nspawn"];
    for (const [number, place] of places.entries()) {
      const text = `[Exec]\nBoot=${number} 'x' \\\n\n`;
      host.write(place, text);
      expect(texts()).toEqual([["adoptable-settings", `web\t${place}`, text]]);
    }
  });

  test("answers no settings of another machine", () => {
    host.write("/etc/systemd/nspawn/web2.nspawn", "");
    mkdirSync(host.at("/etc/systemd/nspawn/web.nspawn"));
    expect(about("adoptable-settings")).toEqual([]);
  });

  test("answers the release and the packages of a tree", () => {
    host.write(`${web}/usr/lib/os-release`, 'PRETTY_NAME="it\'s"\nVERSION_CODENAME=trixie\n');
    host.write(`${web}/var/lib/dpkg/status`, "Package: a\nStatus: install ok installed\nVersion: 1\nProvides: b\n");
    expect(about("adoptable-root")).toEqual([
      ['PRETTY_NAME="it\'s"\nVERSION_CODENAME=trixie\n\fread\na 1\nb -\n\fread\n'],
    ]);
  });

  test("answers a tree that tells nothing", () => {
    mkdirSync(host.at(web), { recursive: true });
    expect(about("adoptable-root")).toEqual([["\fmissing\n\fmissing\n"]]);
  });

  test("answers no tree for a link or a file", () => {
    mkdirSync(host.at("/srv"));
    mkdirSync(host.at(images), { recursive: true });
    symlinkSync(host.at("/srv"), host.at(web));
    expect(about("adoptable-root")).toEqual([]);
    expect(about("adoptable-link")).toEqual([["/srv"]]);
    host.remove();
    start("");
    host.write(web, "");
    expect(about("adoptable-root")).toEqual([]);
  });

  test("answers a disk image, and no other file of the name", () => {
    host.write(`${web}.raw`, "");
    expect(about("adoptable-root")).toEqual([]);
    expect(answers().map(([key, name]) => [key, name])).toContainEqual(["adoptable-image", "web"]);
    expect(answered(host, sh`adoptable_answer other`).map(([key]) => key)).toEqual(["adoptable"]);
  });

  test("answers the URN of each resource that made a root of the name", () => {
    writeMarker(host, "web", "g1", { urn: "urn:1" });
    writeMarker(host, "web", "g2", { urn: "urn:2" });
    writeMarker(host, "web2", "g1", { urn: "urn:3" });
    expect(about("adoptable-owner")).toEqual([["urn:1"], ["urn:2"]]);
  });
});
