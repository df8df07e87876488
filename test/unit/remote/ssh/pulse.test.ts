import { Pulse } from "../../../../provider/remote/ssh/pulse";

let heard: string[];
let questions: (() => void)[];
beforeEach(() => {
  heard = [];
  questions = [];
  jest.useFakeTimers();
});
afterEach(() => jest.useRealTimers());

function started(seconds: number, count: number): Pulse {
  const pulse = new Pulse(
    { seconds, count },
    {
      ask: (answered) => questions.push(answered),
      silent: (silence) => heard.push(`silent ${silence}`),
      back: () => heard.push("back"),
      lost: (silence) => heard.push(`lost ${silence}`),
    },
  );
  pulse.start();
  return pulse;
}
const pass = (seconds: number) => jest.advanceTimersByTime(seconds * 1000);
const answerAll = () => {
  for (const answered of questions.splice(0)) answered();
};

test("a host that answers is asked every so many seconds, and nothing is said", () => {
  started(12, 3);
  for (let question = 1; question <= 4; question += 1) {
    pass(12);
    expect(questions).toHaveLength(1);
    answerAll();
  }
  expect(heard).toEqual([]);
});

test("a silent host is reported every five seconds, and lost after the last unanswered question", () => {
  const pulse = started(12, 3);
  pass(12 + 36);
  pulse.stop();
  expect(heard).toEqual([
    "silent 5",
    "silent 10",
    "silent 15",
    "silent 20",
    "silent 25",
    "silent 30",
    "silent 35",
    "lost 36",
  ]);
});

test("a host that answers after half a minute is back, and not lost", () => {
  started(12, 3);
  pass(12 + 30);
  answerAll();
  expect(heard.at(-1)).toBe("back");
  pass(12);
  answerAll();
  expect(heard.at(-1)).toBe("back");
});

test("parts of a second count, and 0 asks nothing", () => {
  const pulse = started(0.2, 3);
  pass(1);
  pulse.stop();
  expect(heard[0]).toMatch(/^lost 0\.6/);
  questions = [];
  started(0, 3);
  pass(100);
  expect(questions).toEqual([]);
});
