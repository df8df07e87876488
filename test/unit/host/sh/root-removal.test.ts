import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { aboutClaim } from "../../../../provider/host/ownership";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { claim } from "../support/claim";
import { answered, called, printed } from "../support/functions";
import { makeGeneration, markerOf, waitingOf, writeMarker } from "../support/generations";
import { ScratchHost } from "../support/scratch-host";

const images = "/var/lib/machines";
const state = "/var/lib/pulumi-nspawn";
const web = `${images}/web`;
const aside = `${images}/.#rm-web-g1`;

/** `systemctl` of a host on which units run with the command lines in files of their names. */
const systemctl = `
cd "${"${0%/*}"}/../units"
case $* in
  list-units*) for unit in *; do echo "$unit loaded active running A container"; done ;;
  show*) for unit; do :; done; cat "$unit" ;;
  is-active*) cat ../active 2>/dev/null || { echo inactive; exit 3; } ;;
esac`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl }, ["/proc", "/run/systemd"]);
  mkdirSync(host.at(images), { recursive: true });
  host.write("/proc/self/mountinfo", "");
  unit("systemd-nspawn@other.service", "--machine=other");
});
afterEach(() => host.remove());

/** A unit that runs with these options. */
function unit(name: string, options: string): void {
  const program = "/usr/bin/systemd-nspawn";
  const run = `{ path=${program} ; argv[]=${program} --quiet ${options} ; ignore_errors=no }\n`;
  host.write(`units/${name}`, run);
}

const about = (call: Script) =>
  lines([
    sh`${aboutClaim(claim({ fresh: false }))}; root_name=web; root_generation=g1; root_file=$roots/web@g1.json; root_aside=$images/.#rm-web-g1; set -e`,
    call,
  ]);
const left = () => readdirSync(host.at(images)).sort();
const free = () => answered(host, about(sh`root_free; answer free`));
const remove = () => answered(host, about(sh`root_remove; answer removed`));

describe("root_siblings", () => {
  const siblings = () => printed(host, sh`root_siblings "$images/web"`);

  test("prints the units that run from a copy of the tree", () => {
    unit("systemd-nspawn@job-1.service", `--machine=job-1 --directory=${host.at(web)} --ephemeral`);
    unit("systemd-nspawn@job-2.service", `-x -D ${host.at(web)} --boot`);
    expect(siblings()).toBe("systemd-nspawn@job-1.service\nsystemd-nspawn@job-2.service\n");
    expect(called(host)[0]).toBe(
      "systemctl list-units --no-legend --plain --state=active,activating systemd-nspawn@*.service",
    );
    expect(called(host)).toEqual([]);
  });

  test("asks for the command line of each unit", () => {
    siblings();
    expect(called(host)).toContain("systemctl show -p ExecStart --value systemd-nspawn@other.service");
  });

  test("prints no unit that runs from a tree whose path only begins or ends alike", () => {
    unit("systemd-nspawn@a.service", `--directory=${host.at(web)}2 --ephemeral`);
    unit("systemd-nspawn@b.service", `-D ${host.at(web)}/inner -x`);
    unit("systemd-nspawn@c.service", `--directory=/other${host.at(web)} -x`);
    expect(siblings()).toBe("");
  });
});

describe("root_free", () => {
  test.each(["active", "activating", "deactivating", "reloading"])("refuses while the machine is %s", (status) => {
    host.write("active", `${status}\n`);
    expect(free()).toEqual([["refused", "in-use", "systemd-nspawn@web.service"]]);
  });

  test.each(["inactive", "failed", "unknown"])("lets a root go whose machine is %s", (status) => {
    host.write("active", `${status}\n`);
    expect(free()).toEqual([["free"]]);
    expect(called(host)[0]).toBe("systemctl is-active systemd-nspawn@web.service");
  });

  test("refuses while another machine runs from a copy, and names the first one", () => {
    for (const job of [1, 2]) unit(`systemd-nspawn@job-${job}.service`, `--directory=${host.at(web)} -x`);
    expect(free()).toEqual([["refused", "in-use", "systemd-nspawn@job-1.service"]]);
  });
});

describe("root_remove", () => {
  const holder = () => readFileSync(host.at(`${web}/which`), "utf8");

  test("removes a generation that waits, and asks for no machine", () => {
    makeGeneration(host, { generation: "g0", at: web });
    makeGeneration(host, { generation: "g1" });
    host.write("active", "active\n");
    expect(remove()).toEqual([["removed"]]);
    expect([left(), holder()]).toEqual([["web"], "g0"]);
    expect(existsSync(host.at(markerOf("web", "g1")))).toBe(false);
    expect(existsSync(host.at(markerOf("web", "g0")))).toBe(true);
    expect(called(host)).toEqual([]);
  });

  test("removes what killed runs of this stack left, and gives it nothing", () => {
    const left = { claimant: "mystack1", owner: "nobody", acknowledged: "no" } as const;
    makeGeneration(host, { generation: "g1", at: web, claimant: "mystack1", acknowledged: "yes" });
    makeGeneration(host, { generation: "g2", created: "2026-01-03", ...left });
    makeGeneration(host, { generation: "g3", created: "2026-01-04", ...left, claimant: "theirs" });
    makeGeneration(host, { generation: "g4", created: "2026-01-05", ...left });
    makeGeneration(host, { generation: "g5", created: "2026-01-06", ...left, complete: false });
    host.write(`${waitingOf("web", "g4")}/etc/machine-id`, "0123\n");
    expect(remove()).toEqual([["removed"]]);
    expect(readdirSync(host.at(images)).sort()).toEqual([".pulumi-web.g3", ".pulumi-web.g4"]);
    expect(readdirSync(host.at(`${state}/rootfs`)).sort()).toEqual(["web@g3.json", "web@g4.json"]);
  });

  test("gives the name to the newest generation that waits and that the state knows", () => {
    makeGeneration(host, { generation: "g1", at: web, created: "2026-01-09" });
    makeGeneration(host, { generation: "g2", created: "2026-01-03" });
    makeGeneration(host, { generation: "g3", created: "2026-01-02" });
    expect(remove()).toEqual([["removed"]]);
    expect([left(), holder()]).toEqual([[".pulumi-web.g3", "web"], "g2"]);
  });

  test("removes the directories of markers with the last one", () => {
    makeGeneration(host, { generation: "g1", at: web });
    expect(remove()).toEqual([["removed"]]);
    expect(left()).toEqual([]);
    expect(existsSync(host.at(state))).toBe(false);
  });

  test("leaves these directories to other roots", () => {
    makeGeneration(host, { generation: "g1", at: web });
    writeMarker(host, "web2", "g1");
    remove();
    expect(readdirSync(host.at(`${state}/rootfs`))).toEqual(["web2@g1.json"]);
  });

  test("refuses a root in use, and changes nothing", () => {
    makeGeneration(host, { generation: "g1", at: web });
    host.write("active", "active\n");
    expect(remove()).toEqual([["refused", "in-use", "systemd-nspawn@web.service"]]);
    expect([left(), existsSync(host.at(markerOf("web", "g1")))]).toEqual([["web"], true]);
  });

  test("refuses a tree with mounts, and changes nothing", () => {
    makeGeneration(host, { generation: "g1" });
    const tree = waitingOf("web", "g1");
    host.write("/proc/self/mountinfo", `1 2 8:1 / ${host.at(tree)} rw - ext4 /dev/x rw\n`);
    expect(remove()).toEqual([["refused", "image-mounted", tree, tree]]);
    expect([left(), existsSync(host.at(markerOf("web", "g1")))]).toEqual([[".pulumi-web.g1"], true]);
  });

  test("removes the rest of a removal that was killed", () => {
    makeGeneration(host, { generation: "g1" });
    host.write(`${aside}/half`, "");
    expect(remove()).toEqual([["removed"]]);
    expect(left()).toEqual([]);
  });

  test("finishes a removal that was killed when the tree was aside already", () => {
    makeGeneration(host, { generation: "g0" });
    writeMarker(host, "web", "g1");
    host.write(`${aside}/half`, "");
    expect(remove()).toEqual([["removed"]]);
    expect([left(), holder()]).toEqual([["web"], "g0"]);
    expect(existsSync(host.at(markerOf("web", "g1")))).toBe(false);
  });

  test("leaves the name to somebody else's tree that has it", () => {
    makeGeneration(host, { generation: "g0" });
    makeGeneration(host, { generation: "g1" });
    host.write(`${web}/which`, "foreign");
    expect(remove()).toEqual([["removed"]]);
    expect([left(), holder()]).toEqual([[".pulumi-web.g0", "web"], "foreign"]);
  });

  test("first finishes an exchange that was killed, and gives the name to no other generation", () => {
    makeGeneration(host, { generation: "g0", created: "2026-01-01" });
    makeGeneration(host, { generation: "g1", created: "2026-01-02" });
    makeGeneration(host, { generation: "g2", created: "2026-01-03" });
    host.write(`${state}/rootfs/web.exchange`, "g0\n");
    expect(remove()).toEqual([["removed"]]);
    expect([left(), holder()]).toEqual([[".pulumi-web.g2", "web"], "g0"]);
    expect(readdirSync(host.at(`${state}/rootfs`)).sort()).toEqual(["web@g0.json", "web@g2.json"]);
  });
});

describe("root_sweep_removals", () => {
  const sweep = (more = sh`:`) =>
    answered(host, sh`mkdir -p /run/pulumi-nspawn; root_name=web; ${more}; root_sweep_removals`);
  const trees = () => readdirSync(host.at(images)).sort();

  test("removes what interrupted removals left, of its own root and of others, and nothing else", () => {
    for (const name of [".#rm-web-g1", ".#rm-two-words-g2", ".pulumi-web.g3", "web", ".#machine.x0123456789abcdef"])
      host.write(`${images}/${name}/file`, "");
    expect(sweep()).toEqual([]);
    expect(trees()).toEqual([".#machine.x0123456789abcdef", ".pulumi-web.g3", "web"]);
  });

  test("leaves what another script is removing", () => {
    host.write(`${images}/.#rm-other-g1/file`, "");
    expect(sweep(sh`exec 5>>/run/pulumi-nspawn/root-other.lock; flock 5`)).toEqual([]);
    expect(trees()).toEqual([".#rm-other-g1"]);
  });

  test("a tree that cannot be removed is a warning", () => {
    host.write(`${images}/.#rm-other-g1/file`, "");
    const message = `${images}/.#rm-other-g1 is left of a removal, and could not be removed`;
    expect(sweep(sh`image_remove() { return 1; }`)).toEqual([["warning", message]]);
  });
});
