import { sh } from "../../../../provider/host/sh";
import { answered, called } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ sleep: "" });
});
afterEach(() => host.remove());

const about = sh`apt_answers=yes host_patience=20 host_apt_option=-oA::B=false`;
const install = () => answered(host, sh`${about}; host_install a b; answer done`);
const APT = "apt-get -q -y -oA::B=false --no-install-recommends --no-remove";
const HELD = "E: Could not get lock /var/lib/dpkg/lock. It is held by process 7 (perl)";

test("host_apt shows what apt prints on stderr, and fails as it does", () => {
  host.program("apt-get", "echo out; echo err >&2; exit 7");
  expect(host.ended(sh`${about}; host_apt install "a b" || echo "<$?>"`)).toEqual({
    status: 0,
    stdout: "<7>\n",
    stderr: "out\nerr\n",
  });
  expect(host.ended(sh`${about}; host_apt update; echo later`)).toMatchObject({ status: 7, stdout: "" });
});

describe("host_install", () => {
  test("one run is enough if apt knows all packages", () => {
    host.program("apt-get", "");
    expect(install()).toEqual([["done"]]);
    expect(called(host)).toEqual([`${APT} install a b`]);
  });

  test("if it does not, its lists are read first, and it is tried once more", () => {
    host.program("apt-get", `case $* in *update) : >${host.at("lists")} ;; *) [ -e ${host.at("lists")} ] ;; esac`);
    expect(install()).toEqual([["done"]]);
    expect(called(host)).toEqual([`${APT} install a b`, `${APT} update`, `${APT} install a b`]);
  });

  test("packages that cannot be installed are refused, with their names", () => {
    host.program("apt-get", "case $* in *update) ;; *) exit 100 ;; esac");
    expect(install()).toEqual([["refused", "apt", "a b"]]);
    expect(called(host).length).toBe(3);
  });

  test("lists that cannot be read are refused too, and nothing is tried without them", () => {
    host.program("apt-get", "exit 100");
    expect(install()).toEqual([["refused", "apt", "a b"]]);
    expect(called(host).length).toBe(2);
  });

  test("somebody else's apt is waited for, shown, and if it does not end, refused by name", () => {
    host.program("apt-get", `echo '${HELD}' >&2; exit 100`);
    const by = "/var/lib/dpkg/lock: It is held by process 7 (perl)";
    const answers = install();
    expect(answers.at(-1)).toEqual(["refused", "apt-locked", by]);
    expect(answers[0]).toEqual(["progress", `waiting for another run of apt: ${by}`]);
    expect(called(host).every((call) => !call.endsWith("update"))).toBe(true);
  });
});
