import { compare } from "../../../../scripts/demo/comparison";

const before = ["file /etc/a", "unit cron.service enabled"];

test("a host that is the same is counted", () => {
  expect(compare(before, [...before], false)).toBe("2 files, units, nftables rules and mounts are the same");
});

test("what differs on a host of the demo's own is an error, with both sides", () => {
  expect(() => compare(before, ["file /etc/a", "file /etc/b"], false)).toThrow(
    "the host differs:\n  - unit cron.service enabled\n  + file /etc/b",
  );
});

test("on a server at work only what is the demo's is an error, and the rest is told", () => {
  expect(compare(before, [...before, "active apt-daily.service running"], true)).toMatch(
    /^2 files.*are the same; these changed in the meantime, and do not belong to the demo:\n {2}\+ active apt-daily/,
  );
  for (const left of [
    "file /etc/systemd/nspawn/mydebian.nspawn",
    "link ve-mydebian",
    "nft table ip io.systemd.nat {",
  ]) {
    expect(() => compare(before, [...before, left], true)).toThrow(`the host differs:\n  + ${left}`);
  }
});
