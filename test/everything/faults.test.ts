import type { Operation } from "../faults/cell";
import { chosen, matrix } from "../faults/cells";
import { faults } from "../faults/faults";
import { programs } from "../faults/programs";
import type { Result } from "../faults/result";
import { runCells } from "../faults/run-cells";
import { failuresOf } from "../faults/verdict";

const SEED = "sample";

/** No machine boots in these, and each operation is first run once without a fault: that takes as long as a cell. */
const FAST: Readonly<Record<string, readonly Operation[]>> = {
  Host: ["update"],
  VethNetwork: ["create", "update", "destroy"],
  BridgeAttachment: ["create", "destroy"],
  BindMount: ["create", "destroy"],
};
/** In these, somebody waits for a timeout. */
const SLOW = ["stall", "cut", "sshd-stopped", "dbus-stopped", "networkd-stopped", "two-stacks"];

const fast = matrix(programs, faults, SEED).cells.filter(
  ({ program, operation, fault }) => FAST[program]?.includes(operation) && !SLOW.includes(fault),
);
const sample = chosen(fast, 40, SEED);

test("whatever breaks in a sample of 40 cells, one command puts it right", async () => {
  const results: Result[] = [];
  await runCells(
    sample,
    SEED,
    () => undefined,
    (result) => {
      results.push(result);
    },
  );
  const wrong = results.flatMap(({ id, broken, verdict }) => {
    const failures = [...(broken === undefined ? [] : [broken]), ...(verdict === undefined ? [] : failuresOf(verdict))];
    return failures.map((failure) => `${id}: ${failure}`);
  });
  expect(wrong).toEqual([]);
  expect(results).toHaveLength(sample.length);
}, 3_600_000);
