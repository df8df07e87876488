import { readFileSync, statSync } from "node:fs";
import { aboutClaim, type Claim, expectClaim, markerText } from "../../../../provider/host/ownership";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { claim } from "../support/claim";
import { answered, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const marker = "/var/lib/pulumi-nspawn/it's a marker.json";
const put = (made: Partial<Claim>) => host.write(marker, markerText(claim(made), { path: "/srv" }));
const ask = (mine: Partial<Claim> = {}) => aboutClaim(claim({ owner: "new", ...mine }));
const standing = (mine: Partial<Claim> = {}) => printed(host, lines([ask(mine), sh`claim_standing ${marker}`])).trim();

describe("claim_standing", () => {
  test("what has no marker is free", () => {
    expect(standing()).toBe("free");
  });

  test("what has this owner is one's own, whoever claims it", () => {
    put({ owner: "new", claimant: "theirs", urn: "urn:y" });
    expect(standing()).toBe("own");
  });

  test("what this stack made and nobody recorded is its leftover, under whatever URN", () => {
    put({ fresh: true });
    expect([standing(), standing({ urn: "urn:y" })]).toEqual(["leftover", "leftover"]);
  });

  test("what this stack recorded is this resource's, or another one's", () => {
    put({ fresh: false });
    expect([standing(), standing({ urn: "urn:y" })]).toEqual(["former", "other"]);
  });

  test("two stacks of the same names have different claimants", () => {
    for (const fresh of [true, false]) {
      put({ claimant: "theirs", fresh });
      expect(standing()).toBe("other");
    }
  });

  test("a Host that was replaced by force is still of this stack", () => {
    put({ claimant: "oldhost1", stack: "mine", fresh: false });
    expect([standing({ claimant: "newhost1", stack: "mine" }), standing({ stack: "theirs" })]).toEqual([
      "former",
      "other",
    ]);
  });

  test("in a marker of an earlier version the URN decides", () => {
    host.write(marker, JSON.stringify({ owner: "me", urn: "urn:x", complete: "yes" }));
    expect([standing(), standing({ urn: "urn:y" })]).toEqual(["former", "other"]);
  });

  test("a URN with a quote and a backslash is compared as it is", () => {
    const urn = 'urn:"a","claimant":"x" \\';
    put({ urn, fresh: false });
    expect([standing({ urn }), standing()]).toEqual(["former", "other"]);
  });

  test("a marker that is empty or torn is somebody else's", () => {
    for (const text of ["", '{"owner":"ne']) {
      host.write(marker, text);
      expect(standing()).toBe("other");
    }
  });
});

describe("expectClaim", () => {
  const expected = (mine: Partial<Claim>, expectFree = sh`:`) => {
    const script = expectClaim(claim({ owner: "new", ...mine }), marker, expectFree);
    return answered(host, lines([script, sh`answer fine`]));
  };

  test("a create is refused what belongs to others, unless it adopts, and changes nothing", () => {
    put({ claimant: "theirs" });
    const before = readFileSync(host.at(marker), "utf8");
    expect(expected({})).toEqual([["refused", "claimed", "urn:x"]]);
    expect(expected({ adopt: true })).toEqual([["fine"]]);
    expect(readFileSync(host.at(marker), "utf8")).toBe(before);
  });

  test("a create takes what is free, and what its own stack left", () => {
    expect(expected({})).toEqual([["fine"]]);
    put({});
    expect(expected({})).toEqual([["fine"]]);
  });

  test("what is there without a marker is a person's, which only a create that adopts takes", () => {
    const foreign = sh`refuse foreign`;
    expect(expected({}, foreign)).toEqual([["refused", "foreign"]]);
    expect(expected({ adopt: true }, foreign)).toEqual([["fine"]]);
    put({});
    expect(expected({}, foreign)).toEqual([["fine"]]);
  });

  test("an update is refused what is gone or has another owner, although it is this stack's", () => {
    expect(expected({ fresh: false })).toEqual([["refused", "lost"]]);
    put({});
    expect(expected({ fresh: false })).toEqual([["refused", "claimed", "urn:x"]]);
    put({ owner: "new", claimant: "theirs" });
    expect(expected({ fresh: false })).toEqual([["fine"]]);
  });
});

describe("claim_acknowledge", () => {
  const acknowledge = (owner: string) => host.run(sh`claim_acknowledge ${marker} ${owner}`);
  const said = (): unknown => JSON.parse(readFileSync(host.at(marker), "utf8"));

  test.each([undefined, 2])("notes it in a marker, and changes nothing else in it", (space) => {
    const urn = 'urn:"acknowledged":"no"';
    host.write(marker, JSON.stringify(JSON.parse(markerText(claim({ urn }), { made: "2" })), undefined, space));
    acknowledge("me");
    expect(said()).toEqual({
      owner: "me",
      claimant: "mystack1",
      stack: "stack of mystack1",
      urn,
      acknowledged: "yes",
      made: "2",
    });
    // An update that changes nothing in it must not write it again.
    if (space === undefined) {
      const known = markerText(claim({ urn, fresh: false }), { made: "2" });
      expect(readFileSync(host.at(marker), "utf8")).toBe(known);
    }
    const { mtimeMs } = statSync(host.at(marker));
    acknowledge("me");
    expect(statSync(host.at(marker)).mtimeMs).toBe(mtimeMs);
  });

  test("an acknowledgement can be taken back by its owner alone", () => {
    put({});
    acknowledge("me");
    host.run(sh`claim_withdraw ${marker} other`);
    expect(said()).toMatchObject({ acknowledged: "yes" });
    host.run(sh`claim_withdraw ${marker} me`);
    expect(said()).toMatchObject({ owner: "me", acknowledged: "no" });
    host.run(sh`claim_note ${[marker, "me", "yes", "no"]}`);
    expect(said()).toMatchObject({ acknowledged: "no" });
    host.run(sh`claim_note ${[marker, "me", "no", "yes"]}`);
    expect(said()).toMatchObject({ acknowledged: "yes" });
  });

  test("another owner acknowledges nothing, and a marker that is gone stays gone", () => {
    put({});
    acknowledge("other");
    expect(said()).toMatchObject({ acknowledged: "no" });
    host.run(sh`claim_acknowledge /var/lib/pulumi-nspawn/gone.json me; [ ! -e /var/lib/pulumi-nspawn/gone.json ]`);
  });
});

test("a create and an update are each refused by a function of their own", () => {
  put({ claimant: "theirs" });
  for (const call of [sh`claim_expect ${marker}`, sh`claim_own ${marker}`])
    expect(answered(host, lines([ask(), call]))).toEqual([["refused", "claimed", "urn:x"]]);
});

test("what is marked names who made it, and whether a state knows it", () => {
  expect(JSON.parse(markerText(claim({ urn: 'urn:"x"' }), { made: "1" }))).toEqual({
    owner: "me",
    claimant: "mystack1",
    stack: "stack of mystack1",
    urn: 'urn:"x"',
    acknowledged: "no",
    made: "1",
  });
  expect(markerText(claim({ fresh: false }))).toContain('"acknowledged":"yes"');
});

test("a stack knows what it made and nobody recorded, and an older marker by its URN", () => {
  const by = (mine: string, urn = "urn:x") =>
    host.holds(lines([ask({ claimant: mine, stack: "other", urn }), sh`claim_by_this_stack ${marker}`]));
  put({});
  expect([by("mystack1"), by("mystack1", "urn:y"), by("theirs")]).toEqual([true, true, false]);
  expect(host.holds(sh`claim_unrecorded ${marker}`)).toBe(true);
  host.write(marker, JSON.stringify({ owner: "me", urn: "urn:x" }));
  expect([by("mystack1"), by("mystack1", "urn:y")]).toEqual([true, false]);
  expect(host.holds(sh`claim_unrecorded ${marker}`)).toBe(false);
});
