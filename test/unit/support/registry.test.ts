import { freeName, freeSlot } from "../../support/hosts/registry";

test("a name that is taken gets a number", () => {
  expect(freeName("web", [])).toBe("web");
  expect(freeName("web", ["web"])).toBe("web-2");
  expect(freeName("web", ["web", "web-2", "web-4"])).toBe("web-3");
});

test.each(["", "Web", "web_1", "1web", "-web", "a".repeat(32), "../etc"])("%j is refused as a name", (name) => {
  expect(() => freeName(name, [])).toThrow(`"${name}" is no name for a host`);
});

test("an address is given to one host at a time", () => {
  expect(freeSlot([])).toBe(10);
  expect(freeSlot([10, 12])).toBe(11);
});
