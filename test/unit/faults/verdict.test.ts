import type { Fault } from "../../faults/faults/fault";
import { changesIn, failuresOf, isGood, unclearIn } from "../../faults/verdict";

const fault: Fault = { name: "f", title: "it breaks", moments: ["before"], held: "run", inject: async () => undefined };
const failed = (text: string) => ({ ok: false, text, seconds: 1, hung: false });
const nothing = { hangs: [], unconverged: [], unclear: [], lost: [], orphans: [], missing: [] };

test("an error says where it happened and what to do", () => {
  const good = "error: start the machine on 127.0.0.1:99: the disk is full\nFree some space.";
  expect(unclearIn(failed(good), fault, "127.0.0.1")).toEqual([]);
  expect(unclearIn(failed("error: exit status 2"), fault, "127.0.0.1")).toEqual(["where", "what to do"]);
  expect(unclearIn(failed("ended"), fault, "127.0.0.1")).toEqual(["there is no error"]);
});

test("neither a run that succeeded nor one that was killed owes an explanation", () => {
  expect(unclearIn({ ...failed(""), ok: true }, fault, "web1")).toEqual([]);
  expect(unclearIn(failed(""), { ...fault, silences: true }, "web1")).toEqual([]);
});

test("all that is wrong makes a cell fail", () => {
  expect(isGood(nothing)).toBe(true);
  expect(failuresOf({ ...nothing, hangs: ["up"], lost: ["kept /a"] })).toEqual(["hangs: up", "lost: kept /a"]);
});

test("a refresh that only saw that a machine was started again saw no change", () => {
  const text = `
    ~ pulumi-nodejs:nspawn:NspawnMachine: (refresh)
        [urn=urn:pulumi:dev::faults::pulumi-nodejs:nspawn:NspawnMachine::box]
      ~ bootId: "a" => "b"
      ~ leader: 1 => 2
`;
  expect(changesIn(text)).toEqual([]);
  expect(changesIn(`${text}      ~ state : "running" => "exited"\n`)).toEqual([
    '      ~ state : "running" => "exited"',
  ]);
});
