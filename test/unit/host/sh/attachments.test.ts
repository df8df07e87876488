import { sh } from "../../../../provider/host/sh";
import { refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "" });
});
afterEach(() => host.remove());

const marker = (text: string) => host.write("var/lib/pulumi-nspawn/networks/dev.json", text);
const expected = () => host.run(sh`attachment_expect dev 10.42.1.0/24; answer after`);

describe("attachment_expect", () => {
  test("a network that is as the machine knows it is not refused", () => {
    marker('{"owner":"me","subnet":"10.42.1.0/24","subnet6":""}');
    expect(expected()).toEqual([{ key: "after", values: [] }]);
    expect(host.calls()).toEqual(["systemctl -q is-active systemd-networkd.service"]);
  });

  test("a host whose networkd does not run is refused", () => {
    marker('{"owner":"me","subnet":"10.42.1.0/24","subnet6":""}');
    host.program("systemctl", "exit 3");
    expect(expected()).toEqual(refused("no-networkd"));
  });

  test("a network that the host does not have is refused", () => {
    expect(expected()).toEqual(refused("no-network", "dev"));
  });

  test("a network with another subnet is refused, with both", () => {
    marker('{"owner":"me","subnet":"10.42.1.0/25"}');
    expect(expected()).toEqual(refused("other-subnet", "dev", "10.42.1.0/25", "10.42.1.0/24"));
  });

  test("a network whose marker says no subnet is refused", () => {
    marker("");
    expect(expected()).toEqual(refused("other-subnet", "dev", "", "10.42.1.0/24"));
  });
});
