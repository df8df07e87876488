import fc from "fast-check";
import type { z } from "zod";
import {
  addressAt,
  addressProblem,
  boundsOf,
  gatewayOf,
  numberOf,
  offsetIn,
  subnet6Schema,
  subnetSchema,
} from "../../../provider/systemd/subnet";

const problem = (schema: z.ZodType, text: string) => schema.safeParse(text).error?.issues[0]?.message;

const subnet = fc
  .record({ length: fc.integer({ min: 8, max: 30 }), bits: fc.integer({ min: 0, max: 2 ** 20 - 1 }) })
  .map(({ length, bits }) => {
    const host = 2 ** (32 - length);
    const number = 10 * 2 ** 24 + ((bits * host) % 2 ** 24);
    return { text: `${addressAt("0.0.0.0/0", number)}/${length}`, first: number, last: number + host - 1 };
  });

test("a subnet's bounds, its gateway and the offsets of its addresses agree", () => {
  fc.assert(
    fc.property(subnet, fc.nat(), ({ text, first, last }, seed) => {
      expect(subnetSchema.parse(text)).toBe(text);
      expect(boundsOf(text)).toEqual({ first, last });
      expect(numberOf(gatewayOf(text))).toBe(first + 1);
      const offset = 2 + (seed % (last - first - 2));
      const address = addressAt(text, offset);
      expect(offsetIn(text, address)).toBe(offset);
      expect(addressProblem(text, address)).toBeUndefined();
    }),
  );
});

test.each([
  ["10.42.1.0", /"10.42.1.0" is not a subnet: write address and prefix length/],
  ["10.42.1.5/24", /the subnet itself is "10.42.1.0\/24"/],
  ["10.42.1.0/31", /has 31 bits of prefix: a machine network has 8 to 30/],
  ["10.0.0.0/7", /8 to 30/],
  ["127.0.0.0/8", /is reserved for loopback/],
  ["224.0.0.0/24", /is reserved for multicast/],
  ["169.254.0.0/24", /is reserved for linkLocal/],
  ["0x0a.42.1.0/24", /is not a subnet/],
  ["fd00::/64", /is not a subnet/],
])("the subnet %s is refused", (text, message) => {
  expect(problem(subnetSchema, text)).toMatch(message);
});

test("an IPv6 subnet is unique local and of 64 bits, and has one spelling", () => {
  expect(subnet6Schema.parse("FD42:0001::/64")).toBe("fd42:1::/64");
  expect(addressAt("fd42:1::/64", 258)).toBe("fd42:1::102");
  expect(problem(subnet6Schema, "fd42:1::/48")).toMatch(/is not a subnet of 64 bits as in "fd42:1::\/64"/);
  expect(problem(subnet6Schema, "fd42:1::5/64")).toMatch(/is not a subnet of 64 bits/);
  expect(problem(subnet6Schema, "2001:db8::/64")).toMatch(/is not a unique local subnet/);
  expect(problem(subnet6Schema, "10.0.0.0/24")).toMatch(/is not an IPv6 subnet/);
});

test.each([
  ["10.42.2.5", /is not in the subnet; the machines of 10.42.1.0\/24 have 10.42.1.2 to 10.42.1.254/],
  ["10.42.1.0", /the subnet's own address/],
  ["10.42.1.255", /broadcast/],
  ["10.42.1.1", /is the gateway/],
])("the address %s cannot be a machine's", (address, message) => {
  expect(addressProblem("10.42.1.0/24", address)).toMatch(message);
});
