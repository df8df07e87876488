import { mkdirSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({}, ["/sys/class", "/run/systemd"]);
});
afterEach(() => host.remove());

describe("bridge_master", () => {
  const master = (link: string) => host.printed(sh`bridge_master ${link}`);

  test("the master of an interface is the name of the one that it is in", () => {
    mkdirSync(host.at("sys/class/net/eth0"), { recursive: true });
    symlinkSync("../../devices/virtual/net/br0", host.at("sys/class/net/eth0/master"));
    expect(master("eth0")).toBe("br0");
  });

  test("an interface of its own, or none at all, has no master", () => {
    mkdirSync(host.at("sys/class/net/eth0"), { recursive: true });
    expect(master("eth0")).toBe("");
    expect(master("gone")).toBe("");
  });
});

describe("bridge_users", () => {
  const users = (uplink = "eth0") => host.printed(sh`bridge_users br0 ${uplink}`);
  const port = (name: string, bridge = "br0") => host.write(`sys/class/net/${bridge}/brif/${name}`, "");

  test("a bridge that nothing is in has no users", () => {
    expect(users()).toBe("");
    mkdirSync(host.at("sys/class/net/br0/brif"), { recursive: true });
    expect(users()).toBe("");
  });

  test("the uplink is none, all other interfaces in the bridge are", () => {
    for (const name of ["eth0", "eth0.5", "vb-web"]) port(name);
    port("eth9", "br1");
    expect(users()).toBe("the interface eth0.5\nthe interface vb-web");
    expect(users("")).toBe("the interface eth0\nthe interface eth0.5\nthe interface vb-web");
  });

  test("machines whose files name the bridge are, whether they run or not", () => {
    host.write("etc/systemd/nspawn/my.box.nspawn", "[Exec]\nBoot=yes\n\n[Network]\nBridge=br0\n");
    host.write("run/systemd/nspawn/tmp.nspawn", "[Network]\nBridge=br0\n");
    expect(users()).toBe("the machine my.box\nthe machine tmp");
  });

  test("machines that name another bridge, or only mention this one, are not", () => {
    host.write("etc/systemd/nspawn/a.nspawn", "[Network]\nBridge=br01\n");
    host.write("etc/systemd/nspawn/b.nspawn", "[Network]\n#Bridge=br0\n");
    host.write("etc/systemd/nspawn/c.conf", "[Network]\nBridge=br0\n");
    expect(users()).toBe("");
  });

  test("a dot in its name is a dot", () => {
    host.write("etc/systemd/nspawn/a.nspawn", "[Network]\nBridge=br01\n");
    host.write("etc/systemd/nspawn/b.nspawn", "[Network]\nBridge=br.1\n");
    expect(host.printed(sh`bridge_users br.1 eth0`)).toBe("the machine b");
  });

  test("interfaces come before machines", () => {
    port("vb-web");
    host.write("etc/systemd/nspawn/web.nspawn", "[Network]\nBridge=br0\n");
    expect(users()).toBe("the interface vb-web\nthe machine web");
  });
});
