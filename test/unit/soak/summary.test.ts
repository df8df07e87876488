import { emptyHost } from "../../soak/model";
import { endOf, summaryOf } from "../../soak/summary";
import { box, full } from "./support";

test("a step is one line", () => {
  const model = [emptyHost(), { ...full, machines: { box1: { ...box, stage: "two" } } }];
  const replace = { host: 1, kind: "roots", name: "box1" } as const;
  const fault = { name: "cut", host: 1, script: 3, moment: "during", milliseconds: 5, machine: "box1" } as const;
  expect(summaryOf({ model, replace, fault, reboot: 0 }, [emptyHost(), full])).toBe(
    "reboot of h1; h2: ~machine box1; --replace h2 root box1; cut at script 3 of h2, during",
  );
  expect(summaryOf({ fault: { ...fault, name: "machinectl" } }, [full])).toBe(
    "destroy; machinectl of box1 at script 3 of h2, during",
  );
  expect(summaryOf({ model: [full] }, [full])).toBe("no change");
});

test("its end says what is wrong, and whether the fault came too late", () => {
  expect(endOf({ problems: [], commands: [], tooLate: true }, 1500)).toBe("good (1.5 s, the fault came too late)");
  expect(endOf({ problems: ["h1 lost: /x", "h2 orphan: y"], commands: [], tooLate: false }, 1500)).toBe(
    "FAILED (1.5 s)\n  h1 lost: /x\n  h2 orphan: y",
  );
});
