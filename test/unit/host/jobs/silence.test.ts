import { reportSilence } from "../../../../provider/host/jobs/silence";
import type { Answer } from "../../../../provider/remote";

const heartbeat: Answer = { key: "heartbeat", values: [] };
const unpacking: Answer = { key: "progress", values: ["unpacking", "3", "9"] };

function reported(...answers: Answer[]): string[] {
  const texts: string[] = [];
  const report = reportSilence(10, ({ values }) => texts.push(values.join(" ")));
  for (const answer of answers) report(answer);
  return texts;
}

const heartbeats = (count: number) => Array.from({ length: count }, () => heartbeat);

test("silent work is reported each minute, after its last progress", () => {
  expect(reported(unpacking, ...heartbeats(13))).toEqual([
    "unpacking 3 9",
    "unpacking 3 of 9 packages; nothing new for 60 s",
    "unpacking 3 of 9 packages; nothing new for 120 s",
  ]);
});

test("each sign of progress restarts the minute", () => {
  expect(reported(...heartbeats(5), unpacking, ...heartbeats(5), unpacking)).toEqual([
    "unpacking 3 9",
    "unpacking 3 9",
  ]);
});

test("work that never reported anything is reported too", () => {
  expect(reported(...heartbeats(6))).toEqual(["at work; nothing new for 60 s"]);
});
