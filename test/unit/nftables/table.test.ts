import { baseText, linkGroup, machinePart, machinePartPath, networkPart } from "../../../provider/nftables/table";

const dev = {
  name: "dev",
  subnet: "10.42.1.0/24",
  nat: true,
  dhcp: false,
  isolation: { machines: false, host: false },
};

test("the base replaces the whole table at once, and includes all parts", () => {
  expect(baseText).toMatch(
    /^#.*\ntable inet pulumi_nspawn\ndelete table inet pulumi_nspawn\ntable inet pulumi_nspawn \{\n/,
  );
  expect(baseText).toMatch(/\ninclude "\/etc\/pulumi-nspawn\/nftables\/\*\.nft"\n$/);
  expect(machinePartPath("dev", "my.box")).toBe("/etc/pulumi-nspawn/nftables/60-dev.my.box.nft");
});

test("a network hides its machines behind the host, but not from each other", () => {
  expect(networkPart(dev)).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.
# masqueraded ip 10.42.1.0/24
add element inet pulumi_nspawn links { 1175520761 }
add element inet pulumi_nspawn pools { 10.42.1.0/24 }
add rule inet pulumi_nspawn postrouting ip saddr 10.42.1.0/24 ip daddr != @pools masquerade
add rule inet pulumi_nspawn postrouting ip saddr 10.42.1.0/24 ip daddr @pools ct status dnat masquerade
"
`);
});

test("a network that is routed, with IPv6 and isolated from everything, still serves addresses and names", () => {
  const part = networkPart({
    ...dev,
    subnet6: "fd42:1::/64",
    nat: false,
    dhcp: true,
    resolver: "10.42.1.1",
    isolation: { machines: true, host: true },
  });
  expect(part).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.
# routed ip 10.42.1.0/24
# routed ip6 fd42:1::/64
add element inet pulumi_nspawn links { 1175520761 }
add element inet pulumi_nspawn pools { 10.42.1.0/24 }
add rule inet pulumi_nspawn postrouting ip saddr 10.42.1.0/24 ip daddr @pools ct status dnat masquerade
add element inet pulumi_nspawn pools6 { fd42:1::/64 }
add rule inet pulumi_nspawn postrouting ip6 saddr fd42:1::/64 ip6 daddr @pools6 ct status dnat masquerade
add rule inet pulumi_nspawn forward iifgroup 1175520761 oifgroup @links jump between_machines
add rule inet pulumi_nspawn forward iifgroup @links oifgroup 1175520761 jump between_machines
add rule inet pulumi_nspawn input iifgroup 1175520761 jump to_the_host
add rule inet pulumi_nspawn input iifgroup 1175520761 udp dport 67 accept
add rule inet pulumi_nspawn input iifgroup 1175520761 ip daddr 10.42.1.1 meta l4proto { tcp, udp } th dport 53 accept
add rule inet pulumi_nspawn input iifgroup 1175520761 drop
"
`);
});

test("ports lead to the machine's addresses; a shifted range is mapped port by port", () => {
  const ports = [
    "8080:80/tcp",
    "60000-61000:60000-61000/udp",
    "8000-8002:9000-9002/tcp",
    "192.0.2.1:53:53/udp",
    "[2001:db8::1]:443:8443/tcp",
  ];
  expect(machinePart({ address: "10.42.1.2", address6: "fd42:1::2", ports })).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.
# address 10.42.1.2
# port tcp * 8080 8080
# port udp * 60000 61000
# port tcp * 8000 8002
# port udp 192.0.2.1 53 53
# port tcp 2001:db8::1 443 443
add rule inet pulumi_nspawn ports meta nfproto ipv4 tcp dport 8080 dnat ip to 10.42.1.2:80
add rule inet pulumi_nspawn ports meta nfproto ipv6 tcp dport 8080 dnat ip6 to [fd42:1::2]:80
add rule inet pulumi_nspawn ports meta nfproto ipv4 udp dport 60000-61000 dnat ip to 10.42.1.2
add rule inet pulumi_nspawn ports meta nfproto ipv6 udp dport 60000-61000 dnat ip6 to fd42:1::2
add rule inet pulumi_nspawn ports meta nfproto ipv4 tcp dport 8000-8002 dnat ip to 10.42.1.2 : tcp dport map { 8000 : 9000, 8001 : 9001, 8002 : 9002 }
add rule inet pulumi_nspawn ports meta nfproto ipv6 tcp dport 8000-8002 dnat ip6 to [fd42:1::2] : tcp dport map { 8000 : 9000, 8001 : 9001, 8002 : 9002 }
add rule inet pulumi_nspawn ports ip daddr 192.0.2.1 udp dport 53 dnat ip to 10.42.1.2
add rule inet pulumi_nspawn ports ip6 daddr 2001:db8::1 tcp dport 443 dnat ip6 to [fd42:1::2]:8443
"
`);
});

test("a machine without IPv6 has no port at an IPv6 address, and one without ports still has its address noted", () => {
  expect(machinePart({ address: "10.42.1.2", ports: ["[2001:db8::1]:443:8443/tcp"] })).not.toContain("dnat");
  expect(machinePart({ address: "10.42.1.2", ports: [] })).toContain("# address 10.42.1.2\n");
});

test("each network has its own group", () => {
  const groups = ["dev", "test", "a", "b"].map(linkGroup);
  expect(new Set(groups).size).toBe(4);
  for (const group of groups) expect(group).toBeLessThan(2 ** 31);
});
