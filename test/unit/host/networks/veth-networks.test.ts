import { existsSync } from "node:fs";
import { removeNetwork } from "../../../../provider/host/networks/veth-networks";
import { ScratchHost } from "../support/scratch-host";

const marker = "var/lib/pulumi-nspawn/networks/dev.json";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "", networkctl: "", nft: "", sysctl: "", iptables: "", ip6tables: "", ip: "" });
  host.write(marker, JSON.stringify({ owner: "o1", group: "7", complete: "yes" }));
});
afterEach(() => host.remove());

const remove = () => host.ended(removeNetwork("dev", "o1")).status;

test.each(["with other networks", "as the last one"])(
  "a removal %s that is interrupted is finished by the next",
  (how) => {
    if (how === "with other networks") host.write("var/lib/pulumi-nspawn/networks/other.json", "{}");
    host.program("ip", `case $* in *'show dev vz-dev'*) echo vz-dev ;; *delete*) exit 1 ;; esac`);
    expect(remove()).not.toBe(0);
    expect(existsSync(host.at(marker))).toBe(true);
    host.program("ip", `case $* in *'show dev vz-dev'*) echo vz-dev ;; esac`);
    host.calls();
    expect(remove()).toBe(0);
    expect(host.calls()).toContain("ip link delete dev vz-dev");
    expect(existsSync(host.at(marker))).toBe(false);
  },
);

test("a network of another owner stays", () => {
  host.write(marker, JSON.stringify({ owner: "o2", group: "7", complete: "yes" }));
  expect(remove()).toBe(0);
  expect(existsSync(host.at(marker))).toBe(true);
});
