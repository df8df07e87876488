import { Queue } from "../../../../provider/remote/execution/queue";

/** Tasks that run until they are ended by their number, and the numbers of those that have begun. */
function tasks(queue: Queue, limit: number, count: number) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = Array.from({ length: count }, (_, number) =>
    queue.run(limit, () => {
      begun.push(number);
      return new Promise<void>((resolve) => {
        ends[number] = resolve;
      });
    }),
  );
  return { begun, all, end: (number: number) => ends[number]?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("the allowed number of tasks runs at once, and the others follow in their order", async () => {
  const { begun, all, end } = tasks(new Queue(), 2, 4);
  await turn();
  expect(begun).toEqual([0, 1]);
  end(1);
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  for (const number of [0, 2]) end(number);
  await turn();
  end(3);
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3]);
});

test("a task that fails makes room for the next", async () => {
  const queue = new Queue();
  await expect(queue.run(1, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await queue.run(1, async () => "next")).toBe("next");
});

test("a host without room for a task gets fewer at once, unless the task was alone", async () => {
  const queue = new Queue();
  const first = tasks(queue, 3, 3);
  await turn();
  expect(queue.narrow()).toBe(true);
  for (const number of [0, 1, 2]) first.end(number);
  await Promise.all(first.all);
  const second = tasks(queue, 3, 3);
  await turn();
  expect(second.begun).toEqual([0, 1]);
  for (const number of [0, 1]) second.end(number);
  await turn();
  expect(queue.narrow()).toBe(false);
  second.end(2);
  await Promise.all(second.all);
});
