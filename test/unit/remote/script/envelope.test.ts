import { spawnSync } from "node:child_process";
import { type Script, sh } from "../../../../provider/remote";
import { envelope } from "../../../../provider/remote/script/envelope";
import { Output } from "../../../../provider/remote/script/output";

/** What a script did that runs as a user of this number, or as who runs the tests. */
function run(script: Script, uid = 0): Output {
  const output = new Output();
  const { stdout, stderr } = spawnSync("sh", { input: `id() { echo ${uid}; }\n${envelope(script)}` });
  output.addStdout(stdout);
  output.addStderr(stderr);
  output.end();
  return output;
}

test("a script that succeeds says so, and its functions answer", () => {
  expect(run(sh`answer greeting "hello world"`)).toMatchObject({
    uid: 0,
    status: 0,
    answers: [{ key: "greeting", values: ["hello world"] }],
  });
});

test.each([
  ["a command that fails", sh`false`, 1],
  ["a command that fails in a function", sh`f() { false; answer late; }; f`, 1],
  ["a variable that is not set", sh`echo "$unset_one"`, 2],
  ["a refusal", sh`refuse no-room 7`, 65],
])("%s ends the script", (_what, script, status) => {
  const { answers, ...output } = run(sh`${script}
answer late`);
  expect(output.status).toBe(status);
  expect(answers.map(({ key }) => key)).not.toContain("late");
});

test("a script that is not root does nothing", () => {
  const { uid, status, answers } = run(sh`answer done`, 1000);
  expect([uid, status, answers]).toEqual([1000, undefined, []]);
});

test("a command cannot read the rest of the script", () => {
  expect(run(sh`cat >/dev/null; answer done`).answers).toHaveLength(1);
});
