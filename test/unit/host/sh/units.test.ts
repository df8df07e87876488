import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

const unit = "systemd-nspawn@web.service";
const control = `/etc/systemd/system.control/${unit}.d`;
const own = `/etc/systemd/system/${unit}.d`;
const header = "# This is a drop-in unit file extension\n[Service]\n";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "" }, ["/run/systemd", "/usr/local/lib", "/usr/lib/systemd"]);
});
afterEach(() => host.remove());

const about = (script: Script) => sh`machine_unit=${unit}
${script}`;
const holds = (script: Script) => host.holds(about(script));
const text = (path: string) => (existsSync(host.at(path)) ? readFileSync(host.at(path), "utf8") : undefined);

describe("unit_reclaim", () => {
  test("a property that somebody set is removed with its file and directory", () => {
    host.write(`${control}/50-MemoryMax.conf`, `${header}MemoryMax=116391936\n`);
    host.write(`/run/systemd/system.control/${unit}.d/50-MemoryMax.conf`, `${header}MemoryMax=1\n`);
    expect(holds(sh`unit_reclaim MemoryMax TasksMax`)).toBe(true);
    expect(existsSync(host.at(control))).toBe(false);
    expect(text(`/run/systemd/system.control/${unit}.d/50-MemoryMax.conf`)).toBeUndefined();
    expect(holds(sh`unit_reclaim MemoryMax TasksMax`)).toBe(false);
  });

  test("properties that the program does not set stay", () => {
    host.write(`${control}/50-MemoryHigh.conf`, `${header}MemoryHigh=1\n`);
    expect(holds(sh`unit_reclaim MemoryMax`)).toBe(false);
    expect(text(`${control}/50-MemoryHigh.conf`)).toBe(`${header}MemoryHigh=1\n`);
  });

  test("only the lines that override ours are removed from a drop-in that sorts after it", () => {
    host.write(`${own}/99-local.conf`, "[Service]\n MemoryMax = 5 \\\n  6\nNice=5\n\n# MemoryMax=7\n", 0o640);
    expect(holds(sh`unit_reclaim MemoryMax`)).toBe(true);
    expect(text(`${own}/99-local.conf`)).toBe("[Service]\nNice=5\n\n# MemoryMax=7\n");
  });

  test("our own drop-ins, and those that sort before them, stay", () => {
    for (const name of ["90-pulumi-nspawn-limits", "10-local"])
      host.write(`${own}/${name}.conf`, "[Service]\nMemoryMax=5\n");
    expect(holds(sh`unit_reclaim MemoryMax`)).toBe(false);
    expect(text(`${own}/10-local.conf`)).toBe("[Service]\nMemoryMax=5\n");
  });

  test("what adds to a list stays, unless it empties it first", () => {
    host.write(`${own}/95-a.conf`, "[Service]\nDeviceAllow=/dev/a rw\n");
    host.write(`${own}/95-b.conf`, "[Service]\nDeviceAllow=\nDeviceAllow=/dev/b rw\n");
    expect(holds(sh`unit_reclaim DeviceAllow=`)).toBe(true);
    expect(text(`${own}/95-a.conf`)).toBe("[Service]\nDeviceAllow=/dev/a rw\n");
    expect(text(`${own}/95-b.conf`)).toBe("[Service]\nDeviceAllow=/dev/b rw\n");
  });
});

describe("what they are made of", () => {
  const local = (name: string) => `${own}/${name}.conf`;
  beforeEach(() => host.write(local("99-a"), "[Service]\nMemoryMax=5\nNice=1\n"));

  test("unit_sorts_last compares names as systemd does", () => {
    expect(holds(sh`unit_sorts_last 99-a.conf`)).toBe(true);
    expect(holds(sh`unit_sorts_last a.conf`)).toBe(true);
    expect(holds(sh`unit_sorts_last 90-local.conf`)).toBe(false);
    expect(holds(sh`unit_sorts_last 50-MemoryMax.conf`)).toBe(false);
  });

  test("unit_overrides and unit_without look for assignments of whole keys", () => {
    expect(holds(sh`unit_overrides ${local("99-a")} Memory Max MemoryMax=`)).toBe(false);
    expect(holds(sh`unit_overrides ${local("99-a")} MemoryMax`)).toBe(true);
    expect(host.printed(sh`unit_without ${local("99-a")} MemoryMax`)).toBe("[Service]\nNice=1");
  });

  test("unit_conflicts knows where a file overrides ours", () => {
    host.write(local("10-b"), "[Service]\nMemoryMax=5\n");
    const conflicts = (directory: string, name: string) =>
      holds(sh`unit_conflicts ${directory} ${local(name)} MemoryMax`);
    expect(conflicts("/etc/systemd/system", "99-a")).toBe(true);
    expect(conflicts("/etc/systemd/system", "10-b")).toBe(false);
    expect(conflicts("/run/systemd/system.control", "10-b")).toBe(true);
    expect(conflicts("/run/systemd/system.control", "none")).toBe(false);
  });

  test("unit_remove keeps the rest of a file with its mode, and removes one in which nothing is left", () => {
    host.run(sh`unit_remove ${local("99-a")} MemoryMax`);
    expect(text(local("99-a"))).toBe("[Service]\nNice=1\n");
    host.run(sh`unit_remove ${local("99-a")} Nice`);
    expect(text(local("99-a"))).toBeUndefined();
  });

  test("unit_replaces distinguishes a mask from a unit file", () => {
    host.write("/etc/systemd/system/empty", "");
    const replaces = (kind: string, path: string) => holds(sh`unit_replaces ${kind} ${path}`);
    expect(replaces("masks", "/etc/systemd/system/empty")).toBe(true);
    expect(replaces("masks", local("99-a"))).toBe(false);
    expect(replaces("all", local("99-a"))).toBe(true);
    expect(replaces("all", local("none"))).toBe(false);
  });
});

describe("unit_restore", () => {
  const path = `/etc/systemd/system/${unit}`;

  test("a unit that is masked is unmasked", () => {
    mkdirSync(dirname(host.at(path)), { recursive: true });
    symlinkSync("/dev/null", host.at(path));
    expect(holds(sh`unit_restore masks`)).toBe(true);
    expect(text(path)).toBeUndefined();
    expect(holds(sh`unit_restore masks`)).toBe(false);
  });

  test("a unit file of its own is only removed if the machine does not keep it", () => {
    host.write(path, "[Service]\n");
    expect(holds(sh`unit_restore masks`)).toBe(false);
    expect(text(path)).toBe("[Service]\n");
    expect(holds(sh`unit_restore all`)).toBe(true);
    expect(text(path)).toBeUndefined();
  });
});

describe("unit_expect", () => {
  const shared = "/etc/systemd/system/systemd-nspawn@.service.d/99-all.conf";

  test("a drop-in for all machines that overrides ours is refused with its lines", () => {
    host.write(shared, "[Service]\nNice=5\nTasksMax=5\n");
    expect(host.run(about(sh`unit_expect TasksMax`))).toEqual([
      { key: "refused", values: ["unit-overridden", host.at(shared), "TasksMax=5"] },
    ]);
    expect(host.run(about(sh`unit_expect MemoryMax`))).toEqual([]);
    host.write("/etc/systemd/system/service.d/50-all.conf", "[Service]\nMemoryMax=5\n");
    expect(host.run(about(sh`unit_expect MemoryMax`))).toEqual([]);
    expect(host.run(about(sh`unit_expect`))).toEqual([]);
  });
});

describe("unit_expect_none", () => {
  test("a unit file that somebody else made is refused", () => {
    expect(host.run(about(sh`unit_expect_none`))).toEqual([]);
    host.write(`/run/systemd/system/${unit}`, "");
    expect(host.run(about(sh`unit_expect_none`))).toEqual([
      { key: "refused", values: ["foreign-file", host.at(`/run/systemd/system/${unit}`)] },
    ]);
  });
});

test("unit_unread asks whether systemd read the files of the unit", () => {
  expect(holds(sh`unit_unread`)).toBe(false);
  host.program("systemctl", "echo yes");
  expect(holds(sh`unit_unread`)).toBe(true);
});

describe("units_answer", () => {
  test("all units are asked for at once", () => {
    host.program("systemctl", 'case $* in *is-enabled*) echo enabled ;; *) echo "Id=x" ;; esac');
    for (const name of ["a", "b.c"]) host.write(`/var/lib/pulumi-nspawn/machines/${name}.json`, "{}");
    expect(host.run(sh`units_answer Id,MemoryMax /var/lib/pulumi-nspawn/machines/*.json`)).toEqual([
      { key: "units", values: ["Id=x"] },
      { key: "machines-target", values: ["enabled"] },
    ]);
    expect(host.calls()).toEqual([
      "systemctl show --property=Id,MemoryMax -- systemd-nspawn@a.service systemd-nspawn@b.c.service",
      "systemctl is-enabled machines.target",
    ]);
  });

  test("nothing is asked if there is no machine", () => {
    expect(host.run(sh`units_answer Id /var/lib/pulumi-nspawn/machines/*.json`)).toEqual([]);
    expect(host.calls()).toEqual([]);
  });
});
