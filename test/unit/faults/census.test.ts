import { censusOf, closest, compare, normalised } from "../../faults/census";

test("what is random or a matter of time is the same in each census", () => {
  expect(normalised("image .pulumi-box.x7k2m9pq d")).toBe("image .pulumi-box.ID d");
  expect(normalised("file /var/lib/pulumi-nspawn/rootfs/box@x7k2m9pq.json 600 root:root f")).toBe(
    "file /var/lib/pulumi-nspawn/rootfs/box@ID.json 600 root:root f",
  );
  expect(normalised('content /a: {"owner":"hmkwmdrhvih5dha3","urn":"urn:pulumi:dev"}')).toBe(
    'content /a: {"owner":"ID","urn":"urn:pulumi:dev"}',
  );
  expect(normalised("content /a: at 2026-11-30T07:00:00.123Z by 0123456789abcdef")).toBe("content /a: at TIME by HEX");
  expect(normalised("file /srv/a 755 1378418688:1378418688 d")).toBe("file /srv/a 755 NUMBER:NUMBER d");
});

test("names of units, files and networks stay as they are", () => {
  for (const line of ["unit systemd-nspawn@box.service active running", "file /etc/systemd/network/70-net1.network"])
    expect(normalised(line)).toBe(line);
});

test("what comes and goes by itself is left out", () => {
  expect(censusOf("unit session-3.scope active running\nunit ssh.service active running\n\n")).toEqual([
    "unit ssh.service active running",
  ]);
  expect(censusOf('content /var/lib/pulumi-nspawn/machines/box.json:   "created": "2026-11-30T07:00:00Z",')).toEqual(
    [],
  );
});

test("the content of a user's file is compared as it is", () => {
  expect(censusOf("kept /srv/x7k2m9pq mine 123456")).toEqual(["kept /srv/x7k2m9pq mine 123456"]);
});

test("a comparison shows what was lost, what is missing, and what is left", () => {
  expect(compare(["kept /a mine", "unit a", "unit b"], ["unit b", "unit c"])).toEqual({
    lost: ["kept /a mine"],
    missing: ["unit a"],
    orphans: ["unit c"],
  });
  expect(compare(["runtime /run/a f"], ["runtime /run/b f"])).toMatchObject({
    missing: [],
    orphans: ["runtime /run/b f"],
  });
});

test("lines that are equal count as often as they are there", () => {
  expect(compare(["image .pulumi-box.ID d"], ["image .pulumi-box.ID d", "image .pulumi-box.ID d"])).toEqual({
    lost: [],
    missing: [],
    orphans: ["image .pulumi-box.ID d"],
  });
});

test("a file that a fault saved is no orphan", () => {
  expect(compare([], ["kept /a mine"]).orphans).toEqual([]);
});

test("of several ends, the most similar one counts", () => {
  expect(closest([["a", "b"], ["c"]], ["c"])).toEqual({ lost: [], missing: [], orphans: [] });
  expect(closest([["a", "b"], ["a"]], ["a", "x"])).toEqual({ lost: [], missing: [], orphans: ["x"] });
});
