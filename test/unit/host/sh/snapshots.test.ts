import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { answered } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const images = "/var/lib/machines";
const DIGITS = "0123456789abcdef";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ findmnt: "echo 0:42" }, ["/proc", "/run/systemd"]);
  mkdirSync(host.at(images), { recursive: true });
  host.write("/proc/self/mountinfo", "");
  host.write("/proc/locks", "");
});
afterEach(() => host.remove());

const tree = (name: string) => host.write(`${images}/${name}/etc/x`, "");
const lock = (name: string) => host.write(`${images}/${name}`, "");
const hold = (name: string) =>
  host.write("/proc/locks", `1: OFDLCK ADVISORY WRITE -1 00:2a:${statSync(host.at(`${images}/${name}`)).ino} 0 EOF\n`);
const left = () => readdirSync(host.at(images)).sort();
/** A process whose root is the tree. */
const rooted = (name: string) => {
  mkdirSync(host.at("/proc/77"), { recursive: true });
  symlinkSync(host.at(`${images}/${name}`), host.at("/proc/77/root"));
};

describe("snapshot_in_use", () => {
  const copy = `.#machine.my web${DIGITS}`;
  const used = () => host.holds(sh`snapshot_in_use ${host.at(`${images}/${copy}`)}`);

  test("a tree that nothing has is not in use", () => {
    tree(copy);
    expect(used()).toBe(false);
  });

  test("one that a process has as its root is", () => {
    tree(copy);
    rooted(copy);
    expect(used()).toBe(true);
  });

  test("one with a mount is, also below it", () => {
    tree(copy);
    const path = host.at(`${images}/${copy}`).replaceAll(" ", "\\040");
    host.write("/proc/self/mountinfo", `1 2 0:5 / ${path}/var/x rw - tmpfs x rw\n`);
    expect(used()).toBe(true);
  });

  test("one whose lock is held is", () => {
    tree(copy);
    lock(`.#${copy}.lck`);
    expect(used()).toBe(false);
    hold(`.#${copy}.lck`);
    expect(used()).toBe(true);
  });

  test("a link is, whatever it leads to", () => {
    tree("other");
    symlinkSync("other", host.at(`${images}/${copy}`));
    expect(used()).toBe(true);
  });

  test("what cannot be looked at counts as in use", () => {
    expect(used()).toBe(true);
    tree(copy);
    host.program("awk", "exit 2");
    expect(used()).toBe(true);
  });
});

describe("snapshots_sweep", () => {
  const sweep = (root = "web") => answered(host, sh`snapshots_sweep ${root}; answer done`);

  test("removes the copies of the root, in both spellings, and nothing else", () => {
    const others = [
      "web",
      `.#machine.web${DIGITS}0`,
      `.#machine.web${DIGITS.slice(1)}`,
      `.#machine.web2${DIGITS}`,
      ".#machine.webGHIJKLMNOPQRSTUV",
      `machine.web${DIGITS}`,
    ];
    for (const name of [`.#machine.web${DIGITS}`, `.#snapshot.web${DIGITS}`, ...others]) tree(name);
    host.write(`${images}/.#machine.web${DIGITS.replace("0", "1")}`, "a file");
    expect(sweep()).toEqual([["done"]]);
    expect(left()).toEqual([...others, `.#machine.web${DIGITS.replace("0", "1")}`].sort());
  });

  test("leaves one that is in use, and a link with what it leads to", () => {
    tree(`.#machine.web${DIGITS}`);
    rooted(`.#machine.web${DIGITS}`);
    tree("precious");
    symlinkSync("precious", host.at(`${images}/.#snapshot.web${DIGITS}`));
    expect(sweep()).toEqual([["done"]]);
    expect(existsSync(host.at(`${images}/.#machine.web${DIGITS}/etc/x`))).toBe(true);
    expect(existsSync(host.at(`${images}/precious/etc/x`))).toBe(true);
    expect(readlinkSync(host.at(`${images}/.#snapshot.web${DIGITS}`))).toBe("precious");
  });

  test("a copy that cannot be removed is a warning, and the next one is removed", () => {
    tree(`.#machine.web${DIGITS}`);
    tree(`.#snapshot.web${DIGITS}`);
    host.program("chattr", "");
    host.program("rm", `case $* in *machine.web*) exit 1 ;; *) exec /bin/rm "$@" ;; esac`);
    const path = `${images}/.#machine.web${DIGITS}`;
    expect(sweep()).toEqual([
      ["warning", `${path} was left by a machine that was killed, and could not be removed`],
      ["done"],
    ]);
    expect(left()).toEqual([`.#machine.web${DIGITS}`]);
  });

  test("removes the locks of copies that are gone, except those that are held", () => {
    lock(`.#.#machine.web${DIGITS}.lck`);
    lock(`.#.#snapshot.web${DIGITS}.lck`);
    lock(`.#.#machine.web2${DIGITS}.lck`);
    lock(".#web.lck");
    hold(`.#.#snapshot.web${DIGITS}.lck`);
    expect(sweep()).toEqual([["done"]]);
    expect(left()).toEqual([`.#.#machine.web2${DIGITS}.lck`, `.#.#snapshot.web${DIGITS}.lck`, ".#web.lck"].sort());
  });

  test("leaves the lock of a copy that is still there", () => {
    tree(`.#machine.web${DIGITS}`);
    rooted(`.#machine.web${DIGITS}`);
    lock(`.#.#machine.web${DIGITS}.lck`);
    sweep();
    expect(left()).toContain(`.#.#machine.web${DIGITS}.lck`);
  });

  test("without copies there is nothing to do, and a name is no pattern", () => {
    tree(`.#machine.web${DIGITS}`);
    expect(sweep("*")).toEqual([["done"]]);
    expect(left()).toEqual([`.#machine.web${DIGITS}`]);
  });
});
