import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const networks = "/var/lib/pulumi-nspawn/networks";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ ip: "", ss: "", systemctl: "" });
});
afterEach(() => host.remove());

const marker = (name: string, fields: Readonly<Record<string, string>>) =>
  host.write(`${networks}/${name}.json`, JSON.stringify({ owner: "me", ...fields }));

const about = sh`network_name=dev; network_marker=${`${networks}/dev.json`}`;

describe("network_field", () => {
  const field = (key: string) => host.printed(sh`${about}; network_field ${key}`);

  test("a field is read from the marker of the network", () => {
    marker("dev", { subnet: "10.42.1.0/24", subnet6: "", urn: "urn:a b" });
    expect(["owner", "subnet", "subnet6", "urn", "rn"].map(field)).toEqual(["me", "10.42.1.0/24", "", "urn:a b", ""]);
  });

  test("a network without a marker has no fields", () => {
    expect(field("owner")).toBe("");
  });
});

describe("network_overlap", () => {
  const overlap = (first: number, last: number, subnet6 = "") =>
    host.printed(sh`${about}; network_overlap ${first} ${last} ${subnet6}`);
  const other = (name: string, first: number, last: number, subnet6 = "") =>
    marker(name, { first: String(first), last: String(last), subnet: `subnet of ${name}`, subnet6 });

  test("a host without networks has nothing that overlaps", () => {
    expect(overlap(10, 20)).toBe("");
  });

  test("a network does not overlap itself", () => {
    other("dev", 10, 20, "fd00::/64");
    expect(overlap(10, 20, "fd00::/64")).toBe("");
  });

  test.each([
    ["is the same", 10, 20],
    ["is in it", 12, 13],
    ["is around it", 0, 99],
    ["begins at its last address", 20, 30],
    ["ends at its first address", 0, 10],
  ])("a range that %s overlaps another", (_, first, last) => {
    other("other", 10, 20);
    expect(overlap(first, last)).toBe("other subnet of other");
  });

  test.each([
    ["ends before it", 0, 9],
    ["begins after it", 21, 30],
  ])("a range that %s does not overlap another", (_, first, last) => {
    other("other", 10, 20);
    expect(overlap(first, last)).toBe("");
  });

  test("addresses beyond 31 bits are compared as numbers", () => {
    other("other", 3_232_235_520, 3_232_235_775);
    expect(overlap(3_232_235_775, 3_232_235_776)).toBe("other subnet of other");
    expect(overlap(323_223_553, 323_223_560)).toBe("");
  });

  test("the same IPv6 subnet overlaps, and none does not", () => {
    other("other", 10, 20, "fd00::/64");
    other("third", 30, 40);
    expect(overlap(50, 60, "fd00::/64")).toBe("other subnet of other");
    expect(overlap(50, 60, "fd01::/64")).toBe("");
    expect(overlap(50, 60)).toBe("");
  });

  test("each network that overlaps is a line", () => {
    for (const name of ["a", "b", "c"]) other(name, 10, name === "b" ? 15 : 20);
    expect(overlap(16, 20).split("\n")).toEqual(["a subnet of a", "c subnet of c"]);
  });

  test("a marker of nothing is passed over", () => {
    host.write(`${networks}/empty.json`, "");
    other("other", 10, 20);
    expect(overlap(10, 20)).toBe("other subnet of other");
  });
});

describe("network_routes", () => {
  const routes = (family: string, subnet: string) => host.printed(sh`network_routes ${family} ${subnet}`);
  /** What ip(8) prints of the links of a group, and of routes in the subnet and around it. */
  const ip = (shown: { readonly links?: string; readonly match?: string; readonly root?: string }) => {
    const print = (text = "") => sh`printf %s ${text === "" ? "" : `${text}\n`}`;
    host.program(
      "ip",
      sh`case $* in
  '-o link show group 7') ${print(shown.links)} ;;
  *' -o route show table all match '*) ${print(shown.match)} ;;
  *' -o route show table all root '*) ${print(shown.root)} ;;
esac`.text,
    );
  };

  test("a subnet that the host knows nothing of has no routes", () => {
    expect(routes("-4", "10.42.1.0/24")).toBe("");
    expect(host.calls()).toEqual([
      "ip -4 -o route show table all match 10.42.1.0/24",
      "ip -4 -o route show table all root 10.42.1.0/24",
    ]);
  });

  test("routes of the family in the subnet and around it are found", () => {
    ip({ match: "10.0.0.0/8 via 192.0.2.1 dev eth0" });
    expect(routes("-4", "10.42.1.0/24")).toBe("10.0.0.0/8 via 192.0.2.1 dev eth0");
    ip({ root: "fd00:0:0:1::/64 dev eth1 proto kernel metric 256" });
    expect(routes("-6", "fd00::/48")).toBe("fd00:0:0:1::/64 dev eth1 proto kernel metric 256");
    expect(host.calls().at(-1)).toBe("ip -6 -o route show table all root fd00::/48");
  });

  test("the first one is enough", () => {
    ip({ match: "10.0.0.0/8 dev eth0\n10.42.0.0/16 dev eth1", root: "10.42.1.0/25 dev eth2" });
    expect(routes("-4", "10.42.1.0/24")).toBe("10.0.0.0/8 dev eth0");
  });

  test.each([
    "default via 192.0.2.1 dev eth0 proto dhcp",
    "unreachable default dev lo metric 4294967295",
    "broadcast 10.42.1.255 dev eth0 table local",
  ])("not a route that says nothing of the subnet: %s", (route) => {
    ip({ match: `${route}\n10.0.0.0/8 dev eth0` });
    expect(routes("-4", "10.42.1.0/24")).toBe("10.0.0.0/8 dev eth0");
  });

  test.each(["local 10.42.1.1 dev eth0 table local proto kernel", "blackhole 10.42.0.0/16", "10.42.1.7 dev eth0"])(
    "an address of the host and a route to nowhere count: %s",
    (route) => {
      ip({ root: route });
      expect(routes("-4", "10.42.1.0/24")).toBe(route);
    },
  );

  test("routes of links of our networks are left out, and those of similar names are not", () => {
    marker("dev", { group: "7" });
    const links = "5: ve-web@if2: <UP> mtu 1500\n6: vz-dev: <UP> mtu 1500";
    const ours = "10.42.1.1 dev ve-web\n10.42.1.0/24 dev vz-dev proto kernel";
    ip({ links, match: ours });
    expect(routes("-4", "10.42.1.0/24")).toBe("");
    ip({ links, match: `${ours}\n10.42.1.2 dev ve-we` });
    expect(routes("-4", "10.42.1.0/24")).toBe("10.42.1.2 dev ve-we");
    ip({ links, match: `${ours}\nblackhole 10.42.0.0/16` });
    expect(routes("-4", "10.42.1.0/24")).toBe("blackhole 10.42.0.0/16");
  });

  test("a network without a group has no links of its own", () => {
    marker("dev", { group: "" });
    ip({ match: "10.0.0.0/8 dev eth0" });
    expect(routes("-4", "10.42.1.0/24")).toBe("10.0.0.0/8 dev eth0");
    expect(host.calls().filter((call) => call.includes("group"))).toEqual([]);
  });
});

describe("network_bridge_absent", () => {
  const deleted = (shown: { readonly bridge: string; readonly members: string }) => {
    host.program(
      "ip",
      sh`case $* in
  '-o link show dev vz-dev group 7') [ -n ${shown.bridge} ] || exit 1; printf '%s\n' ${shown.bridge} ;;
  '-o link show master vz-dev') printf %s ${shown.members} ;;
esac`.text,
    );
    host.run(sh`network_bridge_absent vz-dev 7`);
    return host.calls().filter((call) => call.includes("delete"));
  };
  const bridge = "6: vz-dev: <UP> mtu 1500";

  test("a bridge of the group without members is deleted", () => {
    expect(deleted({ bridge, members: "" })).toEqual(["ip link delete dev vz-dev"]);
  });

  test("a bridge with a member stays", () => {
    expect(deleted({ bridge, members: "7: vb-web@if2: <UP> mtu 1500\n" })).toEqual([]);
  });

  test("a bridge of another group, or none at all, is let be", () => {
    expect(deleted({ bridge: "", members: "" })).toEqual([]);
  });
});

describe("network_stubs", () => {
  test("the addresses on which names are asked are listed without ports and links", () => {
    host.program("ss", "printf '%s\\n' 'UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*' 'UNCONN 0 0 10.42.1.1:53 0.0.0.0:*'");
    expect(host.printed(sh`network_stubs`)).toBe("127.0.0.53\n10.42.1.1");
  });
});

describe("network_stub", () => {
  const restart = ["systemctl reset-failed systemd-resolved.service", "systemctl restart systemd-resolved.service"];
  const done = (before: string, address: string) => {
    expect(host.run(sh`network_stub_before=${before}; network_stub ${address}`)).toEqual([]);
    return host.calls();
  };
  const asked = "ss -H -l -u -n src 10.42.1.1:53";

  test("resolved is restarted for an address that it did not listen on", () => {
    expect(done("", "10.42.1.1")).toEqual(restart);
    expect(done("10.42.9.1", "10.42.1.1")).toEqual(restart);
  });

  test("resolved is restarted where it shall no longer listen", () => {
    expect(done("10.42.1.1", "")).toEqual(restart);
  });

  test("resolved is let be where nothing was and nothing shall be", () => {
    expect(done("", "")).toEqual([]);
  });

  test("resolved is let be where it listens already", () => {
    host.program("ss", "echo 'UNCONN 0 0 10.42.1.1:53 0.0.0.0:*'");
    expect(done("10.42.1.1", "10.42.1.1")).toEqual([asked]);
  });

  test("resolved is restarted where it shall listen already and does not", () => {
    expect(done("10.42.1.1", "10.42.1.1")).toEqual([asked, ...restart]);
  });
});
