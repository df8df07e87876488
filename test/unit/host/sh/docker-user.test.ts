import { DOCKER_SCRIPT, dockerScript } from "../../../../provider/host/networks/docker";
import { sh } from "../../../../provider/host/sh";
import { called } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
  host.program("iptables", "case $* in *-C*) exit 1 ;; esac");
  host.program("iptables-restore", `cat >${host.at("rules")}; printf '%s\\n' "$(cat ${host.at("rules")})"`);
});
afterEach(() => host.remove());

const part = (name: string, line: string) =>
  host.write(`/etc/pulumi-nspawn/nftables/50-${name}.nft`, `${line}\ntable inet x { }\n`);
const allow = (family = "ip") => host.ended(sh`docker_user_allow iptables ${family}`);
const rules = (family?: string) => allow(family).stdout.split("\n").slice(2, -2);

describe("docker_user_allow", () => {
  test("without Docker, or its chain, it does nothing", () => {
    expect(host.ended(sh`docker_user_allow no-iptables ip`)).toEqual({ status: 0, stdout: "", stderr: "" });
    host.program("iptables", "exit 1");
    expect(allow()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(called(host)).toEqual(["iptables -w -n -L DOCKER-USER"]);
  });

  test("each network of the family gets its rules, in a chain that is written as a whole", () => {
    part("a", "# isolated ip 10.0.1.0/24");
    part("b", "# masqueraded ip 10.0.2.0/24");
    part("c b", "# routed ip 10.0.3.0/24");
    part("d", "# routed ip6 fd00::/64");
    expect(allow().stdout.split("\n")).toEqual([
      "*filter",
      ":PULUMI-NSPAWN -",
      "-A PULUMI-NSPAWN -s 10.0.1.0/24 -j ACCEPT",
      "-A PULUMI-NSPAWN -s 10.0.2.0/24 -j ACCEPT",
      "-A PULUMI-NSPAWN -d 10.0.2.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-A PULUMI-NSPAWN -d 10.0.2.0/24 -m conntrack --ctstate DNAT -j ACCEPT",
      "-A PULUMI-NSPAWN -s 10.0.3.0/24 -j ACCEPT",
      "-A PULUMI-NSPAWN -d 10.0.3.0/24 -j ACCEPT",
      "COMMIT",
      "",
    ]);
    expect(rules("ip6")).toEqual([
      "-A PULUMI-NSPAWN -s fd00::/64 -j ACCEPT",
      "-A PULUMI-NSPAWN -d fd00::/64 -j ACCEPT",
    ]);
  });

  test("without networks the chain is empty", () => {
    expect(rules()).toEqual([]);
  });

  test("the chain of Docker leads there, once", () => {
    allow();
    const jump = "DOCKER-USER -j PULUMI-NSPAWN";
    expect(called(host).slice(1)).toEqual([
      "iptables-restore -w --noflush",
      `iptables -w -C ${jump}`,
      `iptables -w -I ${jump}`,
    ]);
    host.program("iptables", "");
    allow();
    expect(called(host).slice(2)).toEqual([`iptables -w -C ${jump}`]);
  });

  test("fails if the rules cannot be written, or nothing leads to them, also in a condition", () => {
    host.program("iptables", "case $* in *-C* | *-I*) exit 1 ;; esac");
    expect(allow().status).toBe(1);
    host.program("iptables", "");
    host.program("iptables-restore", "exit 4");
    expect(allow().status).toBe(1);
    expect(host.holds(sh`docker_user_allow iptables ip`)).toBe(false);
    expect(called(host).filter((call) => call.includes(" -I "))).toEqual([
      "iptables -w -I DOCKER-USER -j PULUMI-NSPAWN",
    ]);
  });
});

describe("the script that the host keeps", () => {
  const run = () => {
    host.write(DOCKER_SCRIPT, dockerScript);
    return host.ended(sh`sh ${DOCKER_SCRIPT}`);
  };
  beforeEach(() => {
    host.program("ip6tables", "");
    host.program("ip6tables-restore", "cat >/dev/null");
  });

  test("is a whole one, for both families", () => {
    expect(dockerScript).toMatch(/^#!\/bin\/sh\n# Managed by pulumi-nspawn/);
    expect(run().status).toBe(0);
    expect(called(host).filter((call) => call.includes("restore"))).toEqual([
      "iptables-restore -w --noflush",
      "ip6tables-restore -w --noflush",
    ]);
  });

  test.each(["iptables", "ip6tables"])(
    "a failure of %s is one of the script, and the other family is set up",
    (name) => {
      host.program(`${name}-restore`, "exit 4");
      expect(run().status).toBe(1);
      expect(called(host).filter((call) => call.includes("restore")).length).toBe(2);
    },
  );
});
