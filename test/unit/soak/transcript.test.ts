import { Transcript } from "../../soak/transcript";

const good = { ok: true, hung: false, seconds: 1, text: "" };

test("a command under a fault may fail, but not hang", () => {
  const transcript = new Transcript();
  transcript.note("up under cut", { ...good, ok: false });
  expect(transcript.problems).toEqual([]);
  transcript.note("up under stall", { ...good, ok: false, hung: true });
  expect(transcript.problems).toEqual(["hangs: up under stall"]);
});

test("what follows must succeed", () => {
  const transcript = new Transcript();
  transcript.must("up", { ...good, ok: false });
  transcript.must("a refresh", { ...good, ok: false }, true);
  expect(transcript.problems).toEqual(["not converged: up"]);
  expect(transcript.commands.map(({ name }) => name)).toEqual(["up", "a refresh"]);
});
