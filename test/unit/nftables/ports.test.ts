import fc from "fast-check";
import { firstCollision, type Port, parsePort, portSchema } from "../../../provider/nftables/ports";

const number = fc.integer({ min: 1, max: 65535 });
const address = fc.option(
  fc.oneof(
    fc.ipV4().filter((text) => text !== "0.0.0.0"),
    fc.ipV6(),
  ),
  { nil: undefined },
);
/** A port as it may be written, and what it means. */
const written = fc
  .record({
    host: number,
    guest: number,
    size: fc.integer({ min: 1, max: 200 }),
    protocol: fc.constantFrom("", "/tcp", "/udp"),
    address,
  })
  .filter(({ host, guest, size }) => Math.max(host, guest) + size - 1 <= 65535)
  .map(({ host, guest, size, protocol, address: at }) => {
    const range = (first: number) => (size === 1 ? `${first}` : `${first}-${first + size - 1}`);
    const place = at === undefined ? "" : `${at.includes(":") ? `[${at}]` : at}:`;
    return {
      text: `${place}${range(host)}:${range(guest)}${protocol}`,
      host,
      guest,
      size,
      udp: protocol === "/udp",
      at,
    };
  });

test("a port means what was written, and its normal spelling means the same", () => {
  fc.assert(
    fc.property(written, ({ text, host, guest, size, udp, at }) => {
      const spelling = portSchema.parse(text);
      expect(portSchema.parse(spelling)).toBe(spelling);
      expect(parsePort(spelling)).toEqual(parsePort(text));
      expect(parsePort(spelling)).toMatchObject({
        protocol: udp ? "udp" : "tcp",
        host: { first: host, last: host + size - 1 },
        guest: { first: guest, last: guest + size - 1 },
      });
      expect(parsePort(spelling).address === undefined).toBe(at === undefined);
    }),
  );
});

test.each([
  ["8080:80", "8080:80/tcp"],
  ["0.0.0.0:8080:80", "8080:80/tcp"],
  ["192.0.2.1:53:53/udp", "192.0.2.1:53:53/udp"],
  ["[2001:DB8:0::1]:8000-8010:9000-9010", "[2001:db8::1]:8000-8010:9000-9010/tcp"],
  [{ host: 8080, guest: 80 }, "8080:80/tcp"],
  [
    { host: "60000-61000", guest: "60000-61000", protocol: "udp", address: "fd00::1" },
    "[fd00::1]:60000-61000:60000-61000/udp",
  ],
])("%j is spelled %s", (port, spelling) => {
  expect(portSchema.parse(port)).toBe(spelling);
});

test.each([
  ["80", /"80" is not a port: write one as in "8080:80"/],
  ["8080:80/sctp", /is not a port/],
  ["0:80", /not one of 1 to 65535/],
  ["8080:65536", /not one of 1 to 65535/],
  ["8010-8000:1-11", /ends before it begins/],
  ["8000-8010:80", /has 11 of the host's ports and 1 of the machine's/],
  ["::1:80:80", /is not a port/],
  ["300.0.0.1:80:80", /is not an address of a host/],
  ["8080:80; flush ruleset", /is not a port/],
  [{ host: 8080, guest: 80, address: "x; drop" }, /is not a port/],
  [{ host: 8080 }, /a port is text as in/],
])("%j is refused", (port, message) => {
  expect(portSchema.safeParse(port).error?.issues[0]?.message).toMatch(message);
});

test("two ports collide if one packet would be for both", () => {
  const covers = (port: Port, number_: number, at: string) =>
    port.host.first <= number_ && number_ <= port.host.last && (port.address ?? at) === at;
  fc.assert(
    fc.property(written, written, ({ text: one }, { text: other }) => {
      const [a, b] = [parsePort(one), parsePort(other)];
      const at = a.address ?? b.address ?? "192.0.2.1";
      const numbers = Array.from({ length: a.host.last - a.host.first + 1 }, (_, index) => a.host.first + index);
      const shared = a.protocol === b.protocol && numbers.some((n) => covers(a, n, at) && covers(b, n, at));
      expect(firstCollision([one, other]) !== undefined).toBe(shared);
    }),
  );
});

test.each([
  ["80:80", "80:8080", true],
  ["80-90:80-90", "90:90", true],
  ["80-90:80-90", "70-80:70-80", true],
  ["80-90:80-90", "91:91", false],
  ["80:80/tcp", "80:80/udp", false],
  ["192.0.2.1:80:80", "80:8080", true],
  ["192.0.2.1:80:80", "192.0.2.2:80:80", false],
])("%s and %s share a port of the host: %s", (one, other, shared) => {
  const ports = [one, other].map((port) => portSchema.parse(port));
  expect(firstCollision(ports)).toEqual(shared ? ports : undefined);
  expect(firstCollision(ports.toReversed())).toEqual(shared ? ports.toReversed() : undefined);
});
