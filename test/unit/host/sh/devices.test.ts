import { symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

/** Each node is of root and a group, with the mode that a file next to the program says. */
const stat = `
case $* in
  "-L -c %a -- "*) cat "\${0%/bin/stat}/mode" ;;
  "-L -c %U:%G -- "*) echo root:kvm ;;
  *) exit 1 ;;
esac
`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ stat, find: 'printf "%s\\n" /dev/x/b /dev/x/a' });
});
afterEach(() => host.remove());

describe("device_closed", () => {
  const closed = (path: string) => host.run(sh`device_mode=660; device_closed ${path}; answer "never here"`);

  test("refuses with the device's permissions and its name", () => {
    expect(closed("/dev/null")).toEqual(refused("device-closed", "/dev/null", "660 root:kvm", "null"));
  });

  test("names the node that a link leads to, as a rule of udev has to", () => {
    symlinkSync("/dev/null", host.at("-my device"));
    const path = host.at("-my device");
    expect(closed(path)).toEqual(refused("device-closed", path, "660 root:kvm", "null"));
  });
});

describe("device_present", () => {
  const present = (path: string, access: string, mode = "666") => {
    host.write("mode", `${mode}\n`);
    return host.run(sh`device_present ${path} ${access}; answer present`);
  };

  test.each([
    ["666", "rw"],
    ["4", "r"],
    ["612", "w"],
    ["0", "none"],
    ["1664", "r"],
  ])("a node of mode %s can be accessed by anybody as %s", (mode, access) => {
    expect(present("/dev/null", access, mode)).toEqual([{ key: "present", values: [] }]);
  });

  test.each([
    ["660", "rw"],
    ["662", "r"],
    ["664", "w"],
    ["664", "rw"],
    ["662", "rw"],
  ])("a node of mode %s is closed to some for %s", (mode, access) => {
    expect(present("/dev/null", access, mode)).toEqual(
      refused("device-closed", "/dev/null", `${mode} root:kvm`, "null"),
    );
  });

  test("what is not there is refused", () => {
    symlinkSync("nowhere", host.at("link"));
    for (const path of [host.at("a b"), host.at("link")]) {
      expect(present(path, "none")).toEqual(refused("device-missing", path));
    }
  });

  test("a directory is refused with the nodes in it", () => {
    expect(present(host.at("bin"), "rw")).toEqual(refused("device-directory", host.at("bin"), "/dev/x/a\n/dev/x/b"));
    const nodes = `find ${host.at("bin")} -maxdepth 1 ( -type b -o -type c )`;
    expect(host.calls()).toEqual([nodes]);
  });

  test("a file is no device", () => {
    host.write("file", "");
    expect(present(host.at("file"), "none")).toEqual(refused("device-other", host.at("file")));
  });
});
