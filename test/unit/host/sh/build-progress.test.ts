import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { answered } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

type Told = readonly [phase: string, done: number, total: number];

/** What is answered where these are reported one after the other. */
function answers(...all: readonly Told[]): string[][] {
  const tells = all.map(([phase, done, total]) => sh`build_report ${phase} ${done} ${total}`);
  return answered(host, lines([sh`build_phase=; build_next=0`, ...tells]));
}

/** How many of so many are answered. */
const counted = (total: number, said: number) =>
  answers(...Array.from({ length: total }, (_, place): Told => ["unpacking", place + 1, said])).map(([, , done]) =>
    Number(done),
  );

describe("build_report", () => {
  test("answers the first word of each phase, whatever its number", () => {
    expect(answers(["downloading", 90, 100], ["unpacking", 1, 100], ["it's \\ odd\n", 0, 0])).toEqual([
      ["progress", "downloading", "90", "100"],
      ["progress", "unpacking", "1", "100"],
      ["progress", "it's \\ odd\n", "0", "0"],
    ]);
  });

  test("answers each twentieth of a phase", () => {
    expect(counted(100, 100)).toEqual([1, 7, 13, 19, 25, 31, 37, 43, 49, 55, 61, 67, 73, 79, 85, 91, 97]);
  });

  test("answers every step where there are few, or where nobody knows how many", () => {
    expect(counted(5, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(counted(5, 0)).toEqual([1, 2, 3, 4, 5]);
  });

  test("answers a phase without numbers once", () => {
    const lists: Told = ["reading package lists", 0, 0];
    expect(answers(lists, lists, lists)).toHaveLength(1);
  });

  test("begins again where a phase comes back", () => {
    expect(answers(["a", 5, 100], ["b", 0, 0], ["a", 1, 100], ["a", 2, 100])).toEqual([
      ["progress", "a", "5", "100"],
      ["progress", "b", "0", "0"],
      ["progress", "a", "1", "100"],
    ]);
  });
});
