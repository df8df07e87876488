import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { called, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

/** `apt-get` prints what the files say, or fails where there is none. */
const apt = `
case $1 in
  indextargets) cat "$0.known" ;;
  --print-uris) cat "$0.unread" ;;
esac`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ "apt-get": apt }, ["/etc/os-release", "/etc/apt", "/var/lib/apt"]);
  release("ID=debian", "VERSION_CODENAME=trixie");
});
afterEach(() => host.remove());

const release = (...fields: string[]) => host.write("/etc/os-release", `${fields.join("\n")}\n`);
/** What apt says of the lists it has, as lines `ORIGIN URI SUITE`. */
const known = (...rows: string[]) => host.write("bin/apt-get.known", rows.map((row) => `${row}\n`).join(""));
/** The archives and suites apt would update. */
const unread = (...rows: (readonly [uri: string, suite: string])[]) =>
  host.write(
    "bin/apt-get.unread",
    rows.map(([uri, suite]) => `'${uri}/dists/${suite}/InRelease' ${suite}_InRelease 0 \n`).join(""),
  );

const about = (call: Script, suite = "bookworm", stable = "yes") =>
  lines([
    sh`host_suite=${suite}; host_components=${"main contrib"}; host_stable=${stable}`,
    sh`host_memory=/run/pulumi-nspawn/sources-x`,
    call,
  ]);

const DEBIAN = "https://deb.debian.org/debian";
const SECURITY = "https://security.debian.org/debian-security";
const rows = (...all: string[]) => all.map((row) => `${row}\n`).join("");

describe("host_archives", () => {
  const archives = () => printed(host, sh`host_archives`);

  test("prints the archives of Debian that apt has lists of, with their suites", () => {
    known(
      `Debian ${DEBIAN}/ trixie`,
      "Docker https://download.docker.com/linux/debian/ trixie",
      `Debian ${SECURITY}/ s`,
    );
    expect(archives()).toBe(rows(`${DEBIAN}/ trixie`, `${SECURITY}/ s`));
    expect(called(host)).toEqual([
      "apt-get indextargets --format $(ORIGIN) $(REPO_URI) $(RELEASE) Created-By: Packages",
    ]);
  });

  test("prints nothing of a vendor whose name only begins or ends alike, nor of one without a name", () => {
    known(`Debian-Ports ${DEBIAN}/ sid`, `Not Debian ${DEBIAN}/ sid`, ` ${DEBIAN}/ sid`);
    expect(archives()).toBe("");
  });

  test("prints nothing where apt fails", () => {
    expect(archives()).toBe("");
  });
});

describe("host_archives_unread", () => {
  const archives = (codename = "trixie") => printed(host, sh`host_archives_unread ${codename}`);
  const other = "http://mirror.example/debian";
  const vendor = "https://vendor.example/apt";

  test("prints the only archive with the codename", () => {
    unread([DEBIAN, "trixie"], [vendor, "stable"]);
    expect(archives()).toBe(rows(`${DEBIAN} trixie`));
    expect(called(host)).toEqual(["apt-get --print-uris update"]);
  });

  test("prints the one of many that has the updates of the codename too", () => {
    unread([vendor, "trixie"], [DEBIAN, "trixie"], [DEBIAN, "trixie-updates"]);
    expect(archives()).toBe(rows(`${DEBIAN} trixie`));
  });

  test("prints the first one of those that have the updates", () => {
    unread([other, "trixie"], [other, "trixie-updates"], [DEBIAN, "trixie"], [DEBIAN, "trixie-updates"]);
    expect(archives()).toBe(rows(`${other} trixie`));
  });

  test("prints none of many without updates, nor one of another codename", () => {
    unread([vendor, "trixie"], [DEBIAN, "trixie"], [DEBIAN, "bookworm-updates"]);
    expect([archives(), archives("forky"), archives("")]).toEqual(["", "", ""]);
  });

  test("prints the first archive with security updates too", () => {
    unread([DEBIAN, "trixie"], [SECURITY, "trixie-security"], [vendor, "trixie-security"]);
    expect(archives()).toBe(rows(`${DEBIAN} trixie`, `${SECURITY} trixie-security`));
  });

  test("prints nothing where apt fails", () => {
    expect(archives()).toBe("");
  });
});

describe("host_sources", () => {
  const sources = (suite?: string, stable?: string) => printed(host, about(sh`host_sources`, suite, stable));
  const archive = `deb ${DEBIAN} bookworm main contrib`;
  const updates = `deb ${DEBIAN} bookworm-updates main contrib`;
  const security = `deb ${SECURITY} bookworm-security main contrib`;

  test("prints the suite, its updates and its security updates, from the archives that apt has lists of", () => {
    known(`Debian ${DEBIAN}/ trixie`, `Debian ${DEBIAN}/ trixie-updates`, `Debian ${SECURITY}/ trixie-security`);
    unread(["http://other.example", "trixie"]);
    expect(sources()).toBe(rows(archive, updates, security));
    expect(called(host)).toHaveLength(1);
  });

  test("asks what apt would update where it has no lists", () => {
    known();
    unread([DEBIAN, "trixie"], [SECURITY, "trixie-security"]);
    expect(sources()).toBe(rows(archive, updates, security));
  });

  test("prints the suite alone where it has no updates", () => {
    known(`Debian ${DEBIAN}/ trixie`, `Debian ${SECURITY}/ trixie-security`);
    expect(sources("sid", "no")).toBe(rows(`deb ${DEBIAN} sid main contrib`));
  });

  test("prints no security updates where apt knows no archive of them", () => {
    known(`Debian ${DEBIAN}/ trixie`);
    expect(sources()).toBe(rows(archive, updates));
  });

  test("prints the first archives, and knows the older name of security updates", () => {
    known(
      `Debian ${SECURITY}/ buster/updates`,
      "Debian http://backports.example/ trixie-backports",
      `Debian ${DEBIAN}/ trixie`,
      "Debian http://second.example/ trixie",
      "Debian http://second.example/ trixie-security",
    );
    expect(sources()).toBe(rows(archive, updates, security));
  });

  test("prints no archive that is not on the web or needs a password", () => {
    known(
      "Debian file:/srv/mirror/ trixie",
      "Debian cdrom://disc/ trixie",
      "Debian https://me:secret@mirror.example/ trixie",
      "Debian https://me:secret@mirror.example/ trixie-security",
    );
    expect(sources()).toBe("");
    known("Debian https://me:secret@mirror.example/ trixie", `Debian ${DEBIAN}/ trixie`);
    expect(sources()).toBe(rows(archive, updates));
  });

  test("prints nothing on a host that is not Debian, and asks no apt", () => {
    release("ID=ubuntu", "ID_LIKE=debian");
    known(`Debian ${DEBIAN}/ trixie`);
    expect([sources(), called(host)]).toEqual(["", []]);
  });

  test("prints nothing where apt knows nothing, nor on a host without a codename", () => {
    expect(sources()).toBe("");
    release("ID=debian");
    unread([DEBIAN, "trixie"]);
    expect(sources()).toBe("");
  });

  test("leaves the variables of the script alone", () => {
    release("ID=debian", "VERSION_CODENAME=trixie", "host_suite=x");
    expect(printed(host, about(sh`host_sources; printf %s "$host_suite"`))).toBe("bookworm");
  });
});

describe("host_sources_known", () => {
  const memory = "/run/pulumi-nspawn/sources-x";
  const sources = () =>
    printed(
      host,
      about(
        sh`host_sources_known; printf '%s' "$host_known\${host_known:+
}"`,
        "sid",
        "no",
      ),
    );
  const expected = rows(`deb ${DEBIAN} sid main contrib`);
  /** Lets a file or directory be so many seconds younger than the others. */
  const set = (path: string, seconds: number) =>
    utimesSync(host.at(path), 1_700_000_000 + seconds, 1_700_000_000 + seconds);
  const places = ["/etc/apt", "/etc/apt/sources.list", "/var/lib/apt/lists"];

  beforeEach(() => {
    known(`Debian ${DEBIAN}/ trixie`);
    host.write("/etc/apt/sources.list", "");
    mkdirSync(host.at("/var/lib/apt/lists"), { recursive: true });
    for (const place of places) set(place, 0);
  });

  test("asks apt once, and then prints what it kept", () => {
    expect(sources()).toBe(expected);
    expect(called(host)).toHaveLength(1);
    expect(readFileSync(host.at(memory), "utf8")).toMatch(/^[0-9a-f]{64} {2}-\n/);
    expect(readdirSync(host.at("/run/pulumi-nspawn"))).toEqual(["sources-x", "sources-x.lock"]);
    known("Debian http://other.example/ trixie");
    expect([sources(), called(host)]).toEqual([expected, []]);
  });

  test("asks apt once for all that want it at the same time", () => {
    const eight = Array.from({ length: 8 }, () => sh`{ host_sources_known; printf '%s\n' "$host_known"; } &`);
    expect(printed(host, about(lines([...eight, sh`wait`]), "sid", "no"))).toBe(expected.repeat(8));
    expect(called(host)).toHaveLength(1);
  });

  /** Lets it keep something else than apt says. */
  function keep(): void {
    sources();
    host.write(memory, `${readFileSync(host.at(memory), "utf8").split("\n")[0]}\nkept\n`);
    expect(sources()).toBe("kept\n");
  }

  test.each(places)("asks again after a change of %s, also by a clock that is behind", (place) => {
    for (const seconds of [20, -86400]) {
      keep();
      set(place, seconds);
      expect(sources()).toBe(expected);
    }
  });

  test("keeps also that there is nothing to print", () => {
    release("ID=ubuntu");
    expect([sources(), existsSync(host.at(memory))]).toEqual(["", true]);
  });

  test("prints what it kept where apt has no directories", () => {
    for (const place of ["/etc/apt", "/var/lib/apt"]) rmSync(host.at(place), { recursive: true });
    keep();
  });

  test("keeps nothing where it cannot tell whether the host is Debian", () => {
    rmSync(host.at("/etc/os-release"));
    expect(() => sources()).toThrow("exit status");
    expect(existsSync(host.at(memory))).toBe(false);
    writeFileSync(host.at("/etc/os-release"), "ID=debian\n");
    expect(sources()).toBe(expected);
  });
});
