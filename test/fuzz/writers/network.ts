import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { type Port, parsePort, portSchema, sizeOf } from "../../../provider/nftables/ports";
import { baseText, linkGroup, machinePart, networkPart } from "../../../provider/nftables/table";
import { sh } from "../../../provider/remote";
import { bridgePortShape } from "../../../provider/resources/attachments/bridge-spec";
import { subnet6Of } from "../../../provider/resources/attachments/veth-spec";
import { stubOf } from "../../../provider/resources/veth-network/network-files";
import { networkInputs } from "../../../provider/resources/veth-network/network-inputs";
import { interfaceName, interfaceUnit } from "../../../provider/systemd/interface";
import { renderNetworkFile } from "../../../provider/systemd/network-file";
import { addressSchema } from "../../../provider/systemd/subnet";
import { allDiffer, differs } from "../compare";
import { writer } from "../fuzz";
import { hostileText } from "../hostile";
import { type HostOracle, runThere } from "../oracles";
import type { Written } from "../writer";

const name = hostileText("br0", "lan.5", "wg_0", "enp3s0f1-x");

const deviceUnits = writer<string, string>({
  name: "units of interfaces",
  functions: "interfaceName, interfaceUnit",
  program: "systemd-escape",
  where: "host",
  share: 5000,
  batch: 300,
  values: name,
  write: (value) => interfaceUnit(interfaceName.parse(value)),
  differences: async (batch, oracles) => {
    const paths = batch.map(({ value }) => `/sys/subsystem/net/devices/${value}`);
    const printed = await runThere(await oracles.host(), sh`systemd-escape --path --suffix=device ${paths}`.text);
    return batch.map(({ written }, index) => differs(printed.trimEnd().split(" ")[index], written));
  },
});

const port = z.object({ name: interfaceName, ...bridgePortShape });
type Interface = z.input<typeof port>;

const address4 = hostileText("192.0.2.10/24", "10.0.0.1/8", "198.51.100.7/32", "100.64.0.2/31");

/** An interface with an address, which networkd creates. */
const networkFiles = writer<Interface, { readonly given: z.output<typeof port>; readonly files: readonly string[] }>({
  name: ".netdev and .network",
  functions: "interfaceName, bridgePortShape, renderNetworkFile",
  program: "systemd-networkd, Linux",
  where: "host",
  share: 1500,
  batch: 60,
  values: fc.record({
    name: fc.oneof(name, fc.stringMatching(/^[a-z0-9_.-]{1,15}$/)),
    address: fc.oneof(address4, fc.constant("192.0.2.10/24")),
    dns: fc.array(fc.oneof(hostileText("192.0.2.53", "fd00::53"), fc.constant("fd00::53")), { maxLength: 2 }),
    mac: fc.oneof(hostileText("02:00:5e:10:00:01", "02-00-5E-10-00-01"), fc.constant("02:00:5e:10:00:01")),
  }),
  write: (value) => {
    const given = port.parse(value);
    return {
      given,
      files: [
        renderNetworkFile([
          {
            name: "NetDev",
            entries: [
              ["Name", given.name],
              ["Kind", "bridge"],
              ["MACAddress", given.mac ?? ""],
            ],
          },
        ]),
        renderNetworkFile([
          { name: "Match", entries: [["Name", given.name]] },
          {
            name: "Network",
            entries: [
              ["Address", given.address],
              ["ConfigureWithoutCarrier", "yes"],
              ...(given.dns ?? []).map((server) => ["DNS", server] as const),
            ],
          },
        ]),
      ],
    };
  },
  differences: async (batch, oracles) => {
    const oracle = await oracles.host();
    const taken = ["lo", "eth0", "host0"];
    const found: (string | undefined)[] = batch.map(() => undefined);
    let rest = batch.map((one, index) => ({ ...one, index })).filter(({ value }) => !taken.includes(value.name));
    // An interface has its name alone.
    while (rest.length > 0) {
      const round = rest.filter(({ value }, at) => rest.findIndex((other) => other.value.name === value.name) === at);
      rest = rest.filter((one) => !round.includes(one));
      for (const [at, difference] of (await interfaces(round, oracle)).entries()) {
        found[round[at]?.index ?? 0] = difference;
      }
    }
    return found;
  },
});

interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

/** What the kernel has of these interfaces once networkd has read their files, and what networkd says of the files. */
async function interfaces(
  batch: readonly Written<Interface, { readonly given: z.output<typeof port>; readonly files: readonly string[] }>[],
  oracle: HostOracle,
): Promise<readonly (string | undefined)[]> {
  const files = batch.flatMap(({ written }, index) =>
    written.files.map(
      (text, kind) => [`/run/systemd/network/50-fuzz-${index}.${["netdev", "network"][kind]}`, text] as const,
    ),
  );
  const wanted = batch.map(({ written: { given } }) => given);
  const script = [
    "mkdir -p /run/systemd/network; cursor=$(journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p')",
    ...files.map(([path, text]) => sh`printf %s ${text} >${path}`.text),
    "networkctl reload",
    `for turn in $(seq 100); do [ "$(ip -4 -o addr | wc -l)" -lt ${wanted.length + 2} ] || break; sleep 0.1; done`,
    'ip -j addr; echo; journalctl -q -u systemd-networkd --after-cursor="$cursor" -o cat | grep -F /run/systemd/network/50-fuzz || :',
    `rm -f /run/systemd/network/50-fuzz-*; ${wanted.map(({ name }) => sh`ip link del dev ${name} 2>/dev/null || :`.text).join("; ")}; networkctl reload`,
  ].join("\n");
  const [json = "[]", ...said] = (await runThere(oracle, script)).split("\n");
  const links: Link[] = JSON.parse(json);
  return wanted.map(({ name: wantedName, address, mac }, index) => {
    const link = links.find(({ ifname }) => ifname === wantedName);
    const complaint = said.find((line) => new RegExp(`50-fuzz-${index}\\.net[a-z]*:`).test(line));
    const addresses = (link?.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
    if (complaint !== undefined) return complaint;
    return differs(
      `${link?.address} ${addresses.includes(address) ? address : addresses.join(" ")}`,
      `${mac} ${address}`,
    );
  });
}

const HOST = { connection: { host: "local" } };

const networkValues = fc.record({
  name: fc.oneof(hostileText("dev", "a-b"), fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/)),
  subnet: fc.oneof(
    hostileText("10.42.1.0/24", "192.168.0.0/16"),
    fc.integer({ min: 0, max: 255 }).map((byte) => `10.${byte}.7.0/24`),
    fc.integer({ min: 8, max: 30 }).map((length) => `10.0.0.0/${length}`),
  ),
  subnet6: fc.oneof(hostileText("fd12:3456:789a:1::/64", "none"), fc.constantFrom("none", "fd12:3456:789a:1::/64")),
  nat: fc.boolean(),
  dhcp: fc.boolean(),
  dns: fc.constantFrom("host", "stub"),
  isolation: fc.record({ machines: fc.boolean(), host: fc.boolean() }),
});

interface Element {
  readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  readonly rule?: { readonly chain: string; readonly expr: readonly unknown[] };
}

/** What nft lists after it has loaded each of these parts, in a network namespace of its own. */
async function tablesOf(parts: readonly string[], oracle: HostOracle): Promise<Element[][]> {
  const base = baseText.replace(/^include .*$/m, "");
  const loads = parts.map(
    (text) =>
      sh`printf %s ${`${base}\n${text}`} | ip netns exec fuzz nft -f - 2>&1 || :
ip netns exec fuzz nft -j list ruleset; echo /end`.text,
  );
  const script = ["ip netns add fuzz 2>/dev/null || :", ...loads, "ip netns del fuzz"].join("\n");
  const printed = (await runThere(oracle, script)).split("/end\n").slice(0, -1);
  return printed.map((text) => {
    try {
      const { nftables }: { nftables: Element[] } = JSON.parse(text);
      return nftables;
    } catch {
      return [];
    }
  });
}

const networks = writer<Readonly<Record<string, unknown>>, string[]>({
  name: "nft, networks",
  functions: "networkInputs, networkPart",
  program: "nft, Linux",
  where: "host",
  share: 1000,
  batch: 50,
  values: networkValues,
  write: (value) => {
    const inputs = networkInputs.parse({ ...value, host: HOST });
    const subnet6 = subnet6Of(inputs);
    const [{ name: network, nat, dhcp, isolation, subnet }, resolver] = [inputs, stubOf(inputs)];
    const text = networkPart({ ...inputs, subnet6, resolver });
    const families = subnet6 === undefined ? 1 : 2;
    const rules = {
      postrouting: 1 + families * (nat ? 2 : 1),
      forward: isolation.machines ? 2 : 0,
      input: isolation.host ? 2 + (dhcp ? 1 : 0) + (resolver === undefined ? 0 : 1) : 0,
    };
    return [
      text,
      JSON.stringify({ links: [linkGroup(network)], pools: [subnet], pools6: [subnet6].filter(Boolean), rules }),
    ];
  },
  differences: async (batch, oracles) => {
    const tables = await tablesOf(
      batch.map(({ written: [text = ""] }) => text),
      await oracles.host(),
    );
    return batch.map(({ written: [, wanted = ""] }, index) => differs(summary(tables[index] ?? []), wanted));
  },
});

function summary(table: readonly Element[]): string {
  const set = (wanted: string) =>
    (table.find((one) => one.set?.name === wanted)?.set?.elem ?? []).map((one) => prefixOf(one));
  const count = (chain: string) => table.filter((one) => one.rule?.chain === chain).length;
  const rules = { postrouting: count("postrouting"), forward: count("forward"), input: count("input") };
  return JSON.stringify({ links: set("links"), pools: set("pools"), pools6: set("pools6"), rules });
}

function prefixOf(element: unknown): unknown {
  const { data } = z.object({ prefix: z.object({ addr: z.string(), len: z.number() }) }).safeParse(element);
  return data === undefined ? element : `${data.prefix.addr}/${data.prefix.len}`;
}

const portText = hostileText(
  "8080:80",
  "192.0.2.1:53:53/udp",
  "8000-8003:9000-9003",
  "[fd00::1]:443:443",
  "1-65535:1-65535",
);

interface MachineValue {
  readonly address: string;
  readonly port: unknown;
}

const machines = writer<MachineValue, { readonly text: string; readonly rules: readonly string[] }>({
  name: "nft, ports of machines",
  functions: "portSchema, machinePart",
  program: "nft, Linux",
  where: "host",
  share: 4000,
  batch: 300,
  values: fc.record({
    address: fc.oneof(hostileText("10.42.1.5", "172.16.0.2"), fc.ipV4()),
    port: fc.oneof(
      portText,
      fc
        .tuple(
          fc.integer({ min: 1, max: 65535 }),
          fc.integer({ min: 1, max: 65535 }),
          fc.nat(3),
          fc.constantFrom("", "/udp"),
        )
        .map(([host, guest, more, protocol]) => `${host}-${host + more}:${guest}-${guest + more}${protocol}`),
      fc.record({ host: fc.integer({ min: -1, max: 65537 }), guest: fc.integer({ min: 1, max: 65535 }) }),
      fc.record({
        host: hostileText("80", "8000-8001"),
        guest: hostileText("80", "1-2"),
        address: hostileText("192.0.2.1", "fd00::1"),
      }),
    ),
  }),
  write: ({ address, port: given }) => {
    const [machine, spelled] = [addressSchema.parse(address), portSchema.parse(given)];
    const address6 = "fd00:1::5";
    const parsed = parsePort(spelled);
    const rules = [
      ...(parsed.address?.includes(":") ? [] : [ruleOf(parsed, "ip", machine)]),
      ...(parsed.address?.includes(".") ? [] : [ruleOf(parsed, "ip6", address6)]),
    ];
    return { text: machinePart({ address: machine, address6, ports: [spelled] }), rules };
  },
  differences: async (batch, oracles) => {
    const [table = []] = await tablesOf([batch.map(({ written }) => written.text).join("")], await oracles.host());
    const read = table.flatMap(({ rule }) => (rule?.chain === "ports" ? [JSON.stringify(forwardOf(rule.expr))] : []));
    const owners = batch.flatMap(({ written }, index) => written.rules.map(() => index));
    const each = allDiffer(
      read,
      batch.flatMap(({ written }) => written.rules),
    );
    return batch.map((_, index) => each.find((difference, at) => owners[at] === index && difference !== undefined));
  },
});

/** A rule that forwards a port, in the words of {@link forwardOf}. */
function ruleOf({ address, protocol, host, guest }: Port, ip: "ip" | "ip6", to: string): string {
  const span = host.first === host.last ? host.first : { range: [host.first, host.last] };
  const from = address ?? (ip === "ip" ? "ipv4" : "ipv6");
  const same = host.first === guest.first;
  const target = same ? undefined : sizeOf(host) === 1 ? guest.first : pairsOf({ host, guest });
  return JSON.stringify({ from, protocol, port: span, to, target });
}

function pairsOf({ host, guest }: Pick<Port, "host" | "guest">): readonly (readonly number[])[] {
  return Array.from({ length: sizeOf(host) }, (_, index) => [host.first + index, guest.first + index]);
}

/** What nft says of a rule that forwards a port: from where, which port, and to where. */
function forwardOf(expression: readonly unknown[]): unknown {
  const shape = z.object({
    match: z.object({ left: z.unknown(), right: z.unknown() }).optional(),
    dnat: z.object({ addr: z.string(), port: z.unknown().optional() }).optional(),
  });
  const parts = expression.map((one) => shape.parse(one));
  const [where, which] = parts.flatMap(({ match }) => (match === undefined ? [] : [match]));
  const dnat = parts.find((one) => one.dnat !== undefined)?.dnat;
  const protocol = z.object({ payload: z.object({ protocol: z.string() }) }).parse(which?.left).payload.protocol;
  const map = z
    .object({ map: z.object({ data: z.object({ set: z.array(z.array(z.number())) }) }) })
    .safeParse(dnat?.port);
  const target = map.success ? map.data.map.data.set.toSorted(([one = 0], [other = 0]) => one - other) : dnat?.port;
  return { from: plainAddress(where?.right), protocol, port: which?.right, to: dnat?.addr, target };
}

function plainAddress(value: unknown): unknown {
  return typeof value === "string" && ipaddr.IPv6.isValid(value) ? ipaddr.IPv6.parse(value).toRFC5952String() : value;
}

export const networkWriters = [deviceUnits, networkFiles, networks, machines];
