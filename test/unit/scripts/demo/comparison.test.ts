import { compare } from "../../../../scripts/demo/comparison";

const before = ["file /etc/a", "unit cron.service enabled"];

test("an unchanged host is counted", () => {
  expect(compare(before, [...before], false)).toBe("2 files, units, nftables rules and mounts are the same");
});

test("a difference on the demo's own host is an error, with both sides", () => {
  expect(() => compare(before, ["file /etc/a", "file /etc/b"], false)).toThrow(
    "the host differs:\n  - unit cron.service enabled\n  + file /etc/b",
  );
});

test("on a server in use only changes of the demo are an error, and the rest is reported", () => {
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
