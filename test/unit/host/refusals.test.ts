import { explained, type Refusals } from "../../../provider/host/refusals";
import { HostError, RefusedError } from "../../../provider/remote";

const parts = { attempted: 'start the machine "web"', host: "web1", happened: "it was refused", details: "stderr" };
const refused = (code: string, ...values: string[]) => new RefusedError(parts, code, values);
const refusals: Refusals<{ name: string }> = {
  busy: ([who], { name }) => ({ happened: `${name} is in use by ${who}`, advice: "Stop it." }),
  said: () => ({ happened: "it spoke", advice: "It said:", details: "its own words" }),
};
const message = (error: unknown) => {
  const result = explained(error, [{}, refusals], { name: "web" });
  return result instanceof Error ? result.message : "";
};

test("a refusal is explained by the sentence for its code, with what the script saw and what was printed", () => {
  expect(message(refused("busy", "alice"))).toBe(
    'could not start the machine "web" on web1: web is in use by alice. Stop it.\n  stderr',
  );
  expect(message(refused("busy"))).toContain("in use by .");
  expect(message(refused("said"))).toMatch(/It said:\n {2}its own words$/);
});

test("another machine at the address is explained for every resource", () => {
  expect(message(refused("other-host", "found", "recorded"))).toContain("another machine answers at this address");
});

test("a refusal without a sentence, and an error that is no refusal, stay as they are", () => {
  for (const error of [refused("toString"), refused("unknown"), new HostError(parts), new Error("x")])
    expect(explained(error, [refusals], { name: "web" })).toBe(error);
});
