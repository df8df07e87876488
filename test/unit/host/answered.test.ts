import { addressesOf, idOf, interfaceOf } from "../../../provider/host/answered";
import { nameserversOf } from "../../../provider/host/networks/nameservers";
import { observed } from "../../../provider/resources/nspawn-machine/observe-machine";

const LINES = "10.0.0.1\n  ProxyCommand touch /tmp/owned";

test("an address is an address, of either kind", () => {
  expect(addressesOf(["10.42.1.7", "fd00::7", LINES, "evil.example.com", "10.42.1.7 x", "", "999.1.1.1"])).toEqual([
    "10.42.1.7",
    "fd00::7",
  ]);
  expect(nameserversOf([{ key: "nameserver", values: ["9.9.9.9", LINES] }])).toEqual(["9.9.9.9"]);
});

test("an ID and an interface are what systemd and the kernel call so", () => {
  const boot = "d3b2f0a4-5e61-4c8a-9b0e-1f2a3b4c5d6e";
  expect([idOf(boot), idOf(boot.replaceAll("-", ""))]).toEqual([boot, boot.replaceAll("-", "")]);
  expect([idOf("root:$y$j9T$:20000:0"), idOf(`${boot}\n`), idOf(""), idOf(undefined)]).toEqual(
    Array(4).fill(undefined),
  );
  expect([interfaceOf("ve-web"), interfaceOf("a b"), interfaceOf("x\ny"), interfaceOf(undefined)]).toEqual([
    "ve-web",
    undefined,
    undefined,
    undefined,
  ]);
});

test("what a machine's host lies about is no output", () => {
  const said = { "machine-id": [LINES], active: ["web", "active"], interface: ["web", LINES] };
  const answers = Object.entries(said).map(([key, values]) => ({ key, values }));
  const addresses = [LINES, "10.42.1.7"].map((address) => ({ key: "address", values: ["web", address] }));
  const found = observed("web", [...answers, ...addresses, { key: "boot-id", values: ["web", "root:$y$"] }]);
  expect(found).toEqual({ state: "active", addresses: ["10.42.1.7"], address: "10.42.1.7" });
});
