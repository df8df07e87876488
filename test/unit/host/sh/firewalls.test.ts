import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const subnet = "10.42.1.0/24";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "exit 3", "firewall-cmd": "exit 1", nft: "exit 1" }, ["/etc/ufw"]);
});
afterEach(() => host.remove());

const found = (of = subnet) => host.run(sh`firewalls_answer ${of}`).map(({ key, values }) => [key, ...values]);

/** A table with a chain that packets pass on their way through the host. */
const table = (name: string, chain: string, policy: string, hook = "forward") => `table ${name} {
	chain ${chain} {
		type filter hook ${hook} priority filter; policy ${policy};
	}
}`;

/** An nft that lists these chains, and these rules in each table; Docker's chain is there or not. */
const chains = (all: readonly string[], rules = "", docker = false) =>
  host.program(
    "nft",
    sh`case $* in
  'list chains') printf '%s\n' ${all} ;;
  'list chain ip filter DOCKER-USER') [ ${docker ? "yes" : "no"} = yes ] ;;
  'list table '*) printf '%s\n' "table $3 $4" ${rules} ;;
esac`.text,
  );

describe("firewalls_answer", () => {
  test("a host without firewalls, or without nft, answers nothing", () => {
    expect(found()).toEqual([]);
    chains([]);
    expect(found()).toEqual([]);
  });

  test("firewalld that runs and does not trust the subnet is answered", () => {
    host.program("systemctl", "");
    expect(found()).toEqual([["firewall", "firewalld"]]);
    expect(host.calls()).toContain("systemctl -q is-active firewalld.service");
  });

  test("firewalld that trusts the subnet is not answered", () => {
    host.program("systemctl", "");
    host.program("firewall-cmd", "");
    expect(found()).toEqual([]);
    expect(host.calls()).toContain(`firewall-cmd -q --zone=trusted --query-source=${subnet}`);
  });

  test("firewalld that does not run is not asked", () => {
    expect(found()).toEqual([]);
    expect(host.calls().filter((call) => call.startsWith("firewall-cmd"))).toEqual([]);
  });

  describe("with ufw", () => {
    const allowed = (from: string) => `### tuple ### route:allow any any 0.0.0.0/0 any ${from} in\n`;

    test("ufw that is enabled without a route from the subnet is answered", () => {
      host.write("etc/ufw/ufw.conf", "# comment\nENABLED=yes\nLOGLEVEL=low\n");
      expect(found()).toEqual([["firewall", "ufw"]]);
      host.write("etc/ufw/user.rules", allowed("10.42.1.0/2"));
      expect(found()).toEqual([["firewall", "ufw"]]);
    });

    test("ufw that lets through only a part of the subnet is answered", () => {
      host.write("etc/ufw/ufw.conf", "ENABLED=yes\n");
      host.write("etc/ufw/user.rules", allowed("10.0.0.0/16"));
      expect(found("10.0.0.0/1")).toEqual([["firewall", "ufw"]]);
    });

    test("ufw that lets the subnet through is not answered", () => {
      host.write("etc/ufw/ufw.conf", "ENABLED=yes\n");
      host.write("etc/ufw/user.rules", `*filter\n${allowed(subnet)}COMMIT\n`);
      expect(found()).toEqual([]);
    });

    test("ufw that is not enabled is not answered", () => {
      host.write("etc/ufw/ufw.conf", "ENABLED=no\n#ENABLED=yes\n");
      expect(found()).toEqual([]);
    });

    test("the chain of ufw is not one more firewall", () => {
      host.write("etc/ufw/ufw.conf", "ENABLED=yes\n");
      chains([table("ip filter", "FORWARD", "drop")]);
      expect(found()).toEqual([["firewall", "ufw"]]);
    });
  });

  test("each chain that drops what it forwards is answered, with its family and table", () => {
    chains([table("inet mine", "fwd", "drop"), table("ip filter", "FORWARD", "drop")]);
    expect(found()).toEqual([
      ["firewall", "chain", "inet mine fwd"],
      ["firewall", "chain", "ip filter FORWARD"],
    ]);
  });

  test("the chain that Docker has its own chain for is reported in that one", () => {
    chains([table("ip filter", "FORWARD", "drop"), table("inet mine", "FORWARD", "drop")], "", true);
    expect(found()).toEqual([["firewall", "chain", "inet mine FORWARD"]]);
  });

  test.each([
    ["accepts", table("inet mine", "fwd", "accept")],
    ["is for what the host itself gets", table("inet mine", "in", "drop", "input")],
    ["is for frames in bridges", table("bridge mine", "fwd", "drop")],
    ["is for IPv6", table("ip6 mine", "fwd", "drop")],
  ])("a chain that %s is not answered", (_, chain) => {
    chains([chain]);
    expect(found()).toEqual([]);
  });

  test("a chain in a table that names the subnet is not answered", () => {
    chains([table("inet mine", "fwd", "drop")], `ip saddr ${subnet} accept`);
    expect(found()).toEqual([]);
    expect(host.calls()).toContain("nft list table inet mine");
  });

  test("a chain in a table that names another subnet is answered", () => {
    chains(
      [table("inet mine", "fwd", "drop")],
      "ip saddr 10.42.1.0/2 accept\n ip saddr 10.42x1.0/24\n ip saddr 110.42.1.0/24",
    );
    expect(found()).toEqual([["firewall", "chain", "inet mine fwd"]]);
  });
});
