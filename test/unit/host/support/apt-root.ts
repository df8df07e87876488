import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { type Ended, ended } from "../../support/processes";
import { ScratchHost } from "./scratch-host";

/** Where the guest's record of packages is. */
const RECORDS = "/var/lib/apt";

/** A package: its version, 1 if absent, and fields of its control file. */
type Fields = Readonly<Record<string, string>>;

/** An apt repository of empty packages, for several roots. */
export class AptRepository {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-nspawn-repository-")));

  /** The packages by name, or by `NAME VERSION` for further versions. */
  constructor(packages: Readonly<Record<string, Fields>>) {
    const built = Object.entries(packages).map(([name, fields]) => {
      const [its = "", version = "1"] = name.split(" ");
      const all = { Package: its, Version: version, Architecture: "all", Maintainer: "x <x@x>", ...fields };
      const control = Object.entries({ ...all, Description: "x" }).map(([key, value]) => `${key}: ${value}\n`);
      return sh`one ${`${its}_${version.replace(":", "%3a")}`} ${control.join("")}`;
    });
    const script = lines([
      sh`set -eu; cd ${this.directory}; umask 022
one() {
  mkdir -p "$1/DEBIAN"; printf %s "$2" >"$1/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone --build "$1" "$1.deb" >/dev/null
  { printf %s "$2"; echo "Filename: ./$1.deb"; echo "Size: $(stat -c %s "$1.deb")"; echo "SHA256: $(sha256sum <"$1.deb" | cut -c 1-64)"; echo; } >>Packages
  rm -r "$1"
}`,
      ...built,
    ]);
    const { status, stderr } = ended(["sh"], script.text);
    if (status !== 0) throw new Error(stderr);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** A guest with the real apt and the real dpkg, in a directory, without root. */
export class AptRoot {
  readonly host: ScratchHost;
  /** Lines of apt.conf(5). */
  readonly options: string;
  /** In memory, because dpkg waits for the disk after each step. */
  private readonly guest = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "pulumi-nspawn-guest-"));

  /** A guest without packages, or with the packages, marks and record of another one. */
  constructor(
    private readonly repository: AptRepository,
    like?: AptRoot,
  ) {
    this.host = new ScratchHost({}, [RECORDS]);
    const { host } = this;
    for (const part of ["dpkg/updates", "dpkg/info", "apt/lists/partial", "cache/archives/partial", "log"]) {
      mkdirSync(this.at(part), { recursive: true });
    }
    for (const part of ["preferences.d", "apt.conf.d", "sources.list.d", "run"]) {
      mkdirSync(this.at(`etc/${part}`), { recursive: true });
    }
    mkdirSync(host.at("run"));
    mkdirSync(host.at(RECORDS), { recursive: true });
    writeFileSync(this.at("dpkg/status"), "");
    writeFileSync(this.at("etc/sources.list"), `deb [trusted=yes] file:${repository.directory} ./\n`);
    const dpkg = `exec /usr/bin/dpkg --root=${this.guest} --admindir=${this.at("dpkg")} --force-not-root --force-bad-path --force-unsafe-io --log=${this.at("log/dpkg.log")} "$@"`;
    host.program("dpkg", dpkg);
    this.options = `Dir::State "${this.at("apt")}";
Dir::State::status "${this.at("dpkg/status")}";
Dir::Cache "${this.at("cache")}";
Dir::Etc "${this.at("etc")}/";
Dir::Etc::parts "apt.conf.d";
Dir::Log "${this.at("log")}";
Dir::Bin::dpkg "${host.at("bin/dpkg")}";
Debug::NoLocking "1";
APT::Sandbox::User "";
`;
    writeFileSync(this.at("apt.conf"), this.options);
    if (like === undefined) return;
    for (const part of ["dpkg", "apt", "etc/preferences.d"]) cpSync(like.at(part), this.at(part), { recursive: true });
    cpSync(like.host.at(RECORDS), host.at(RECORDS), { recursive: true });
  }

  /** Where a file of the guest is. */
  at(path: string): string {
    return join(this.guest, path);
  }

  copy(): AptRoot {
    return new AptRoot(this.repository, this);
  }

  /** Runs a script with the apt and the dpkg of this guest. */
  ended(script: Script): Ended {
    return this.host.ended(lines([this.settings, script]));
  }

  /** What somebody does by hand; it returns what is printed. */
  byHand(script: Script): string {
    const { status, stdout, stderr } = this.ended(script);
    if (status !== 0) throw new Error(`exit status ${status}: ${stdout}${stderr}`);
    return stdout;
  }

  install(...names: readonly string[]): void {
    this.byHand(sh`apt-get -q update; apt-get -q -y install ${names}`);
  }

  /** The names of what is installed, and how apt has marked it. */
  marks(): Record<string, "manual" | "auto"> {
    const manual = this.byHand(sh`apt-mark showmanual`).split("\n");
    const names = this.byHand(sh`dpkg-query -W -f '\${db:Status-Status} \${Package}\n'`).matchAll(/^installed (.*)$/gm);
    return Object.fromEntries([...names].map(([, name = ""]) => [name, manual.includes(name) ? "manual" : "auto"]));
  }

  version(name: string): string {
    return this.byHand(sh`dpkg-query -W -f '\${Version}' ${name}`);
  }

  remove(): void {
    this.host.remove();
    rmSync(this.guest, { recursive: true });
  }

  private get settings(): Script {
    return sh`LC_ALL=C.UTF-8 APT_CONFIG=${this.at("apt.conf")} DPKG_ADMINDIR=${this.at("dpkg")}
export LC_ALL APT_CONFIG DPKG_ADMINDIR`;
  }
}
