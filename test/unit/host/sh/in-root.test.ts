import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { answered, called, printed } from "../support/functions";
import { makeGeneration, waitingOf } from "../support/generations";
import { ScratchHost } from "../support/scratch-host";

const images = "/var/lib/machines";
const web = `${images}/web`;
const odd = `${images}/my 'new' tree`;

let host: ScratchHost;
afterEach(() => host.remove());

/** Notes what it reads, and says what the function is to return. */
const reads = `cat >"$0.read"; [ ! -e "${"${0%/*}"}/fails" ] || exit 3`;

function start(programs: Readonly<Record<string, string>> = {}): void {
  host = new ScratchHost({ "systemd-nspawn": reads, "systemd-run": reads, ...programs }, ["/etc/resolv.conf"]);
  for (const tree of [web, odd]) mkdirSync(host.at(`${tree}/etc`), { recursive: true });
}

/** The calls of what runs a shell inside; each process has a machine's name of its own. */
const runs = () =>
  called(host)
    .filter((call) => /^systemd-(?:nspawn|run) /.test(call))
    .map((call) => call.replace(/pulumi-work-\d+ /, "pulumi-work-PID "));
const nspawn = (tree: string, options: string, more = `--private-network ${LIMITS}`) =>
  `systemd-nspawn -q -D ${tree} --machine=pulumi-work-PID --as-pid2 --pipe --register=no ${options} ${more} ` +
  "--resolv-conf=off --timezone=off --link-journal=no /bin/sh";
const LIMITS = "--property=TasksMax=8192 --property=MemoryMax=75% --property=RuntimeMaxSec=21600";
const read = (program: string) => readFileSync(host.at(`bin/${program}.read`), "utf8");
const piped = (call: Script) => sh`printf %s ${"echo 'hi'\n"} | ${call}`;

/** Lets what runs inside fail, and tells the status. */
function status(call: Script): string[][] {
  host.write("bin/fails", "");
  return answered(host, sh`${piped(call)} || answer status $?`);
}

describe("in_tree_resolver", () => {
  const resolver = () => printed(host, sh`in_tree_resolver ${odd}`);
  beforeEach(() => start());

  test("prints the option that puts the host's name servers where the guest's link leads", () => {
    host.write("/etc/resolv.conf", "nameserver 192.0.2.1\n");
    symlinkSync("../run/systemd/resolve/stub-resolv.conf", host.at(`${odd}/etc/resolv.conf`));
    expect(resolver()).toBe("--bind-ro=/etc/resolv.conf:/run/systemd/resolve/stub-resolv.conf\n");
  });

  test("puts them in the place of a guest's own file", () => {
    host.write("/etc/resolv.conf", "nameserver 192.0.2.1\n");
    host.write(`${odd}/etc/resolv.conf`, "");
    expect(resolver()).toBe("--bind-ro=/etc/resolv.conf:/etc/resolv.conf\n");
  });

  test("takes the file that the host's link leads to", () => {
    host.write("/run/stub", "");
    mkdirSync(host.at("/etc"));
    symlinkSync("../run/stub", host.at("/etc/resolv.conf"));
    host.write(`${odd}/etc/resolv.conf`, "");
    expect(resolver()).toBe("--bind-ro=/run/stub:/etc/resolv.conf\n");
  });

  test("prints nothing where the guest has no such file, or only something else", () => {
    host.write("/etc/resolv.conf", "");
    expect(resolver()).toBe("");
    mkdirSync(host.at(`${odd}/etc/resolv.conf`));
    expect(resolver()).toBe("");
  });

  test("prints nothing where the host has none", () => {
    host.write(`${odd}/etc/resolv.conf`, "");
    expect(resolver()).toBe("");
  });
});

describe("in_nspawn", () => {
  test("runs a shell in a tree with more options, and gives it the script", () => {
    start();
    host.run(piped(sh`in_nspawn ${odd} --one --two=${"a b"}`));
    expect(runs()).toEqual([nspawn(odd, "--one --two=a b")]);
    expect(read("systemd-nspawn")).toBe("echo 'hi'\n");
  });

  test("gives the tree the host's network and name servers only where packages are fetched", () => {
    start();
    host.write("/etc/resolv.conf", "");
    host.write(`${web}/etc/resolv.conf`, "");
    host.run(sh`in_root_network=mirrors; ${piped(sh`in_nspawn ${web} --one`)}`);
    expect(runs()).toEqual([nspawn(web, "--one", `--bind-ro=/etc/resolv.conf:/etc/resolv.conf ${LIMITS}`)]);
  });

  test("stays in the unit of a job", () => {
    start();
    host.run(sh`INVOCATION_ID=x; ${piped(sh`in_nspawn ${web} --one`)}`);
    expect(runs()).toEqual([nspawn(web, "--one", "--private-network --keep-unit")]);
  });

  test("returns what the shell returned", () => {
    start();
    expect(status(sh`in_nspawn ${web} --one`)).toEqual([["status", "3"]]);
  });
});

describe("in_root_servers", () => {
  const stub = "nameserver 127.0.0.53\noptions edns0\n";
  const servers = () => printed(host, sh`in_root_servers`);

  test("are those that systemd-resolved asks, as it is on the loopback itself", () => {
    host = new ScratchHost({}, ["/etc/resolv.conf", "/run/systemd"]);
    host.write("/etc/resolv.conf", stub);
    expect(servers()).toBe("/etc/resolv.conf\n");
    host.write("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.1\n");
    expect(servers()).toBe("/run/systemd/resolve/resolv.conf\n");
    host.write("/etc/resolv.conf", "nameserver 192.0.2.2\n");
    expect(servers()).toBe("/etc/resolv.conf\n");
  });
});

const dumped = [
  'Acquire::http::Proxy "http://127.0.0.1:3142";',
  'Acquire::https::Proxy "http://me:secret@localhost:3142/";',
  'Acquire::http::Proxy::deb.example "http://[::1]:8";',
  'Acquire::ftp::Proxy "http://proxy.example:3142";',
  'Acquire::http::Timeout "127.0.0.9";',
].join("\n");

test("in_loopback_needs prints what apt needs of the loopback", () => {
  start({ "apt-config": sh`printf '%s\n' ${dumped}`.text });
  host.write("/etc/resolv.conf", "nameserver 192.0.2.1\nnameserver 127.0.0.2\nnameserver ::1\n");
  expect(printed(host, sh`in_loopback_needs`).split("\n")).toEqual([
    "127.0.0.2",
    "::1",
    "127.0.0.1",
    "127.0.0.1",
    "::1",
    "::1",
    "",
  ]);
});

test("in_job_limits keeps the loopback away from a unit, and limits it", () => {
  start({ systemctl: "", "apt-config": "" });
  host.write("/etc/resolv.conf", "nameserver 127.0.0.2\nnameserver 127.0.0.3\n");
  host.run(sh`in_job_limits job.service`);
  expect(called(host)).toContain(
    "systemctl set-property --runtime job.service TasksMax=8192 MemoryMax=75% IPAddressDeny=localhost IPAddressAllow=127.0.0.2 127.0.0.3 ",
  );
});

describe("in_new_tree", () => {
  test("runs a shell as the host's root", () => {
    start();
    host.run(piped(sh`in_new_tree ${odd}`));
    expect(runs()).toEqual([nspawn(odd, "--private-users=no")]);
    expect(read("systemd-nspawn")).toBe("echo 'hi'\n");
  });

  test("returns what the shell returned", () => {
    start();
    expect(status(sh`in_new_tree ${web}`)).toEqual([["status", "3"]]);
  });
});

/** Programs that tell whose a tree is, its file system, and the version of systemd. */
const kind = (user: number, type: string, version: string) => ({
  stat: `case $* in *%T*) echo ${type} ;; *%u*) echo ${user} ;; *) command -p stat "$@" ;; esac`,
  systemctl: `case $* in --version) printf '%s\\n' 'systemd ${version}' +PAM ;; esac`,
});
const PRIVATE = "--private-users=pick --private-users-ownership=auto";
const AS_ROOT = "--private-users=no";

describe("in_tree", () => {
  test.each([
    [0, "ext2/ext3", "252 (252.39-1~deb12u1)", PRIVATE],
    [0, "xfs", "257 (257.8-1)", PRIVATE],
    [0, "btrfs", "249 (249)", PRIVATE],
    [0, "btrfs", "260~rc1 (260~rc1)", PRIVATE],
    [0, "zfs", "252 (252)", AS_ROOT],
    [0, "tmpfs", "257 (257)", AS_ROOT],
    [524288, "zfs", "252 (252)", PRIVATE],
    [1000, "tmpfs", "257 (257)", PRIVATE],
    [0, "ext2/ext3", "247 (247.3-7+deb11u4)", AS_ROOT],
    [524288, "btrfs", "248 (248)", AS_ROOT],
  ])("of user %i on %s with systemd %s runs a shell with %s", (user, type, version, options) => {
    start(kind(user, type, version));
    host.run(piped(sh`in_tree ${odd}`));
    expect(runs()).toEqual([nspawn(odd, options)]);
    expect(read("systemd-nspawn")).toBe("echo 'hi'\n");
  });

  test.each(["252 (252)", "247 (247)"])("returns what the shell returned, with systemd %s", (version) => {
    start(kind(0, "xfs", version));
    expect(status(sh`in_tree ${web}`)).toEqual([["status", "3"]]);
  });
});

describe("in_machine", () => {
  test("runs a shell in a machine, and gives it the script", () => {
    start();
    host.run(piped(sh`in_machine web`));
    expect(runs()).toEqual(["systemd-run -M web --quiet --pipe --wait --collect --service-type=exec /bin/sh"]);
    expect(read("systemd-run")).toBe("echo 'hi'\n");
  });

  test("returns what the shell returned", () => {
    start();
    expect(status(sh`in_machine web`)).toEqual([["status", "3"]]);
  });
});

describe("in_root", () => {
  const inactive = 'case $* in --version) echo "systemd 252" ;; *) exit 3 ;; esac';
  const active = 'case $* in --version) echo "systemd 252" ;; esac';

  test("works in the machine that runs from the root", () => {
    start({ systemctl: active });
    makeGeneration(host, { generation: "g1", at: web });
    host.run(piped(sh`in_root web g1`));
    expect(called(host)).toEqual([
      "systemctl -q is-active systemd-nspawn@web.service",
      "systemd-run -M web --quiet --pipe --wait --collect --service-type=exec /bin/sh",
    ]);
    expect(read("systemd-run")).toBe("echo 'hi'\n");
  });

  test("works in the tree where no machine runs", () => {
    start({ systemctl: inactive });
    makeGeneration(host, { generation: "g1", at: web });
    host.run(piped(sh`in_root web g1`));
    expect(runs()).toEqual([expect.stringContaining(`-D ${web} --machine=`)]);
    expect(read("systemd-nspawn")).toBe("echo 'hi'\n");
  });

  test("works in the tree of a generation that waits, whatever runs under the name", () => {
    start({ systemctl: active });
    makeGeneration(host, { generation: "g1", at: web });
    makeGeneration(host, { generation: "g2" });
    host.run(piped(sh`in_root web g2`));
    expect(runs()).toEqual([expect.stringContaining(`-D ${waitingOf("web", "g2")} --machine=`)]);
  });

  test("refuses where the root has no tree", () => {
    start({ systemctl: active });
    expect(answered(host, sh`in_root web g1 </dev/null`)).toEqual([["refused", "root-gone", "web", "g1"]]);
    expect(existsSync(host.at("bin/systemd-run.read"))).toBe(false);
  });

  test.each([active, inactive])("returns what the shell returned: %s", (systemctl) => {
    start({ systemctl });
    makeGeneration(host, { generation: "g1", at: web });
    expect(status(sh`in_root web g1`)).toEqual([["status", "3"]]);
  });
});
