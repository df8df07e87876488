import { tellSilence } from "../../../../provider/host/long-work/silence";
import type { Answer } from "../../../../provider/remote";

const heartbeat: Answer = { key: "heartbeat", values: [] };
const unpacking: Answer = { key: "progress", values: ["unpacking", "3", "9"] };

function told(...answers: Answer[]): string[] {
  const texts: string[] = [];
  const tell = tellSilence(10, ({ values }) => texts.push(values.join(" ")));
  for (const answer of answers) tell(answer);
  return texts;
}

const heartbeats = (count: number) => Array.from({ length: count }, () => heartbeat);

test("work that says nothing is told of each minute, after what it told last", () => {
  expect(told(unpacking, ...heartbeats(13))).toEqual([
    "unpacking 3 9",
    "unpacking 3 of 9 packages; nothing new for 60 s",
    "unpacking 3 of 9 packages; nothing new for 120 s",
  ]);
});

test("each word of the work begins the minute anew", () => {
  expect(told(...heartbeats(5), unpacking, ...heartbeats(5), unpacking)).toEqual(["unpacking 3 9", "unpacking 3 9"]);
});

test("work that never said a word is told of too", () => {
  expect(told(...heartbeats(6))).toEqual(["at work; nothing new for 60 s"]);
});
