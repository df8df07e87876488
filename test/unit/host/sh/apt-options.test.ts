import { sh } from "../../../../provider/host/sh";
import { printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const OPEN = `Acquire::http::Timeout "20";
Acquire::Retries "3";
`;
const SECRET = `Acquire::http::Proxy "http://apt:se/s@me@proxy.example:3128";
`;
const OTHER = `Acquire::ForceIPv4 "true";
APT::Architecture "amd64";
`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ "apt-config": 'cat "$0.dump"' });
});
afterEach(() => host.remove());

const dump = (text: string) => host.write("bin/apt-config.dump", text);

test("apt_options are the lines about mirrors, and none without an apt", () => {
  dump(OPEN + SECRET + OTHER);
  expect(printed(host, sh`apt_options`)).toBe(`${OPEN}${SECRET}Acquire::ForceIPv4 "true";\n`);
  host.program("apt-config", "exit 1");
  expect(host.ended(sh`apt_options`)).toMatchObject({ status: 0, stdout: "" });
});

test("apt_guest_options has no proxy with a password, and says so", () => {
  dump(OPEN + SECRET + OTHER);
  const { stdout, stderr } = host.ended(sh`apt_guest_options`);
  expect(stdout).toBe(OPEN);
  expect(stderr).toContain("pulumi-nspawn: the host's apt has a proxy with a password, which no machine gets.");
  expect(stderr).not.toContain("s@me");
  dump(`${OPEN}Acquire::http::Proxy "http://proxy.example:3128";\n`);
  expect(host.ended(sh`apt_guest_options`)).toEqual({
    status: 0,
    stdout: `${OPEN}Acquire::http::Proxy "http://proxy.example:3128";\n`,
    stderr: "",
  });
});

test("apt_wgetrc is the proxy as wget reads it", () => {
  host.write("run/apt.conf", `${SECRET}Acquire::https::Proxy "http://p:1";\n${OPEN}`);
  expect(printed(host, sh`apt_wgetrc ${host.at("run/apt.conf")}`)).toBe(
    "http_proxy = http://apt:se/s@me@proxy.example:3128\nhttps_proxy = http://p:1\n",
  );
});
