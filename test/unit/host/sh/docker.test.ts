import { dockerDrift } from "../../../../provider/host/networks/docker";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const script = "/etc/pulumi-nspawn/docker-user.sh";

let host: ScratchHost | undefined;
const on = (programs: Readonly<Record<string, string>>) => {
  host = new ScratchHost(programs);
  return host;
};
afterEach(() => host?.remove());

describe("docker_allow", () => {
  test("a host without the script has nothing to do", () => {
    expect(on({}).run(sh`docker_allow; answer after`)).toEqual([{ key: "after", values: [] }]);
  });

  test("the script is run, also one that is not executable", () => {
    const host = on({ iptables: "" });
    host.write(script, "iptables -w -N PULUMI-NSPAWN\n");
    expect(host.run(sh`docker_allow`)).toEqual([]);
    expect(host.calls()).toEqual(["iptables -w -N PULUMI-NSPAWN"]);
  });

  test("a script that fails is a warning that says how to see why, and what comes after it is still done", () => {
    const host = on({});
    host.write(script, "exit 4\n");
    expect(host.run(sh`docker_allow; answer after`)).toEqual([
      {
        key: "warning",
        values: [expect.stringMatching(/Docker drops .* run on the host: sudo sh .*docker-user\.sh$/)],
      },
      { key: "after", values: [] },
    ]);
  });
});

describe("docker_answer", () => {
  const rules = ["-A PULUMI-NSPAWN -s 10.0.2.0/24 -j ACCEPT", "-A PULUMI-NSPAWN -d 10.0.2.0/24 -j ACCEPT"];
  const jump = "-A DOCKER-USER -j PULUMI-NSPAWN";
  const drift = (jumps: readonly string[], own: readonly string[]) => {
    const printed = (lines: readonly string[]) => sh`printf '%s\n' ${lines}`.text;
    const host = on({ ip6tables: "exit 1" });
    host.program(
      "iptables",
      `case $* in *DOCKER-USER) ${printed(["-N DOCKER-USER", ...jumps])} ;; *) ${printed(["-N PULUMI-NSPAWN", ...own])} ;; esac`,
    );
    host.write("/etc/pulumi-nspawn/nftables/50-a.nft", "# routed ip 10.0.2.0/24\n# routed ip6 fd00::/64\n");
    expect(host.printed(sh`docker_user_rules ip`)).toBe(rules.join("\n"));
    return dockerDrift(host.run(sh`docker_answer`));
  };

  test("rules that are as they should be are no difference", () => {
    expect(drift([jump, "-A DOCKER-USER -j RETURN"], rules)).toBe("");
  });

  test("a jump or a rule that is gone is a difference, and so is one too many", () => {
    expect(drift([], rules)).toBe(`-${jump}`);
    expect(drift([jump], rules.slice(1))).toBe(`-${rules[0]}`);
    expect(drift([jump], [...rules, "-A PULUMI-NSPAWN -j DROP"])).toBe("+-A PULUMI-NSPAWN -j DROP");
  });

  test("a host without Docker has none", () => {
    const host = on({ iptables: "exit 1", ip6tables: "exit 1" });
    expect(dockerDrift(host.run(sh`docker_answer`))).toBe("");
  });
});

describe("docker_forget", () => {
  const forget = (host: ScratchHost) => {
    // The programs of this machine are not those of the host.
    expect(host.run(sh`(PATH=${host.at("bin")}; docker_forget); answer after`)).toEqual([{ key: "after", values: [] }]);
    return host.calls();
  };
  const of = (program: string) => [
    `${program} -w -D DOCKER-USER -j PULUMI-NSPAWN`,
    `${program} -w -F PULUMI-NSPAWN`,
    `${program} -w -X PULUMI-NSPAWN`,
  ];

  test("the jump and the chain go from the tables of both families", () => {
    expect(forget(on({ iptables: "", ip6tables: "" }))).toEqual([...of("iptables"), ...of("ip6tables")]);
  });

  test("a family without a program is passed over", () => {
    expect(forget(on({ ip6tables: "" }))).toEqual(of("ip6tables"));
    host?.remove();
    expect(forget(on({}))).toEqual([]);
  });

  test("a chain goes also where Docker has none that leads to it", () => {
    expect(forget(on({ iptables: "case $2 in -D) exit 1 ;; esac" }))).toEqual(of("iptables"));
  });

  test("a chain that is not there is no failure, and the other family's goes", () => {
    expect(forget(on({ iptables: "exit 1", ip6tables: "" }))).toEqual([
      ...of("iptables").slice(0, 2),
      ...of("ip6tables"),
    ]);
  });

  test("two chains that are not there are no failure", () => {
    const calls = ["iptables", "ip6tables"].flatMap((program) => of(program).slice(0, 2));
    expect(forget(on({ iptables: "exit 1", ip6tables: "exit 1" }))).toEqual(calls);
  });
});
