import fc from "fast-check";
import { linkAt } from "../../../provider/resources/nspawn-machine/links/link";

test("the first link has the name that systemd-nspawn gives it", () => {
  expect(linkAt("web", 0, "ve")).toEqual({
    machine: "web",
    index: 0,
    guestInterface: "host0",
    hostInterface: "ve-web",
    primary: true,
  });
  expect(linkAt("web", 0, "vb").hostInterface).toBe("vb-web");
});

test("a further link has its own name, which contains the machine's if there is room", () => {
  expect(linkAt("web", 1, "ve")).toEqual({
    machine: "web",
    index: 1,
    guestInterface: "host1",
    hostInterface: "vx1-web",
    primary: false,
  });
  expect(linkAt("a-rather-long-name", 2, "vb").hostInterface).toMatch(/^vx2-a-rat[0-9a-f]{6}$/);
});

test("names of further links fit, and differ if the machines do", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,40}[a-z0-9]$/);
  fc.assert(
    fc.property(name, name, fc.integer({ min: 1, max: 9 }), (a, b, index) => {
      const [one, other] = [linkAt(a, index, "ve").hostInterface, linkAt(b, index, "ve").hostInterface];
      expect(one.length).toBeLessThanOrEqual(15);
      if (a !== b) expect(one).not.toBe(other);
    }),
  );
});
