import { explainEarlyEnd } from "../../../../provider/host/jobs/ended-early";
import type { JobEnd } from "../../../../provider/host/jobs/transient-unit";

const failed = { ok: false, log: "", unit: "u.service", cancelled: false, rebooted: false, killed: undefined } as const;
const explain = (end: Partial<JobEnd>) => {
  const sentence = explainEarlyEnd({ ...failed, ...end }, "starts it again");
  return sentence && `${sentence.happened}. ${sentence.advice}`;
};

test("a script that failed says itself why", () => {
  expect(explain({})).toBeUndefined();
});

test.each<[Partial<JobEnd>, string]>([
  [{ cancelled: true }, "it was stopped. The next `pulumi up` starts it again."],
  [{ rebooted: true }, "the host was rebooted meanwhile, or lost power. The next `pulumi up` starts it again."],
  [{ killed: "timeout" }, "it did not end within six hours, and was killed. The next `pulumi up` starts it again."],
  [{ killed: "signal" }, "its unit u.service was killed on the host (signal). The next `pulumi up` starts it again."],
])("an end from outside is explained with what follows: %j", (end, expected) => {
  expect(explain(end)).toBe(expected);
});

test("a lack of memory is explained with what to do about it", () => {
  expect(explain({ killed: "oom-kill" })).toMatch(/no memory left.*oom-kill.*swap.*`parallel`.*The next `pulumi up`/);
});
