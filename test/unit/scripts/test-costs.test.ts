import { costOf } from "../../../scripts/test-costs/costs";
import { withCosts } from "../../../scripts/test-costs/page";

const MEASUREMENT = `file /clone/test/hosts/veth.test.ts
boot 1
boot 1
run 1
build 2
host-us 1500000
wall-ms 20340
cpu-us 8500000
`;

test("the cost of a file is the sum of its own processor time and that of its hosts", () => {
  expect(costOf(MEASUREMENT, "/clone/test")).toEqual([
    "hosts/veth.test.ts",
    { wall: 20.3, cpu: 10, runs: 1, boots: 2, builds: 2 },
  ]);
});

test("the page has a row per file, one for all cheap ones, and a sum", () => {
  const cheap = { wall: 1, cpu: 1, runs: 0, boots: 0, builds: 0 };
  const [path, cost] = costOf(MEASUREMENT, "/clone/test");
  const page = "# Tests\n<!-- costs: written by `npm run test:costs` -->\nold\n<!-- end of costs -->\nend\n";
  const written = withCosts(page, { [path]: cost, "a.test.ts": cheap, "b.test.ts": cheap });
  expect(written).toMatch(
    /^# Tests\n.*\| hosts\/veth\.test\.ts \| 20 \| 10 \| 1 \| 2 \| 2 \|.*end of costs -->\nend\n$/s,
  );
  expect(written).toContain("| 2 others | 2 | 2 | 0 | 0 | 0 |\n| all | 22 | 12 | 1 | 2 | 2 |");
  expect(written).not.toContain("old");
  expect(() => withCosts("# Tests\n", {})).toThrow("the page has no");
});
