import { existsSync, readFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
  host.program("apt-config", `echo "$2='${host.at("etc/apt/preferences.d")}/'"`);
  host.write("text", "Package: x\n");
  host.write("none", "");
});
afterEach(() => host.remove());

const at = "etc/apt/preferences.d/90pulumi-nspawn";
const NGINX = "Package: nginx\nPin: version 1.26*\nPin-Priority: 1001\n\n";

test("package_preferences prints each version for apt", () => {
  expect(printed(host, sh`set -f; package_pins='nginx=1.26* git=1:2.39-1~x'; package_preferences`)).toBe(
    `${NGINX}Package: git\nPin: version 1:2.39-1~x\nPin-Priority: 1001\n\n`,
  );
  expect(printed(host, sh`package_pins=; package_preferences`)).toBe("");
});

test("package_prefer writes what package_preferred looks for, and removes it if there is nothing", () => {
  const preferred = (name: string) => host.holds(sh`package_preferred ${host.at(name)}`);
  expect([preferred("text"), preferred("none")]).toEqual([false, true]);
  host.run(sh`package_prefer ${host.at("text")}`);
  expect(readFileSync(host.at(at), "utf8")).toBe("Package: x\n");
  expect([preferred("text"), preferred("none")]).toEqual([true, false]);
  host.run(sh`package_prefer ${host.at("none")}; package_prefer ${host.at("none")}`);
  expect(existsSync(host.at(at))).toBe(false);
});
