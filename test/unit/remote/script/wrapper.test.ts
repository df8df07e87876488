import { type Script, sh } from "../../../../provider/remote";
import { OutputParser } from "../../../../provider/remote/script/output-parser";
import { wrapScript } from "../../../../provider/remote/script/wrapper";
import { ended } from "../../support/processes";

const MARK = "0123456789abcdef";

/** The result of a script that runs as the user with this ID. */
function run(script: Script, uid = 0) {
  const output = new OutputParser(MARK);
  output.addStdout(Buffer.from(ended(["sh"], `id() { echo ${uid}; }\n${wrapScript(script, MARK)}`).stdout));
  output.end();
  return { uid: output.uid, status: output.status, printed: `${output.chatter}` };
}

test("a script that succeeds reports it", () => {
  expect(run(sh`echo ${"it's done"}`)).toEqual({ uid: 0, status: 0, printed: "it's done\n" });
});

test.each([
  ["a command that fails", sh`false`],
  ["a command that fails in a function", sh`f() { false; echo later; }; f`],
  ["a variable that is not set", sh`: "$unset_one"`],
  ["an exit", sh`exit 7`],
])("%s ends the script", (_what, script) => {
  const { status, printed } = run(sh`${script}
echo later`);
  expect(status).toBeGreaterThan(0);
  expect(printed).toBe("");
});

test("a script that does not run as root does nothing", () => {
  expect(run(sh`echo done`, 1000)).toEqual({ uid: 1000, status: undefined, printed: "" });
});

test("a command cannot read the rest of the script", () => {
  expect(run(sh`cat; echo done`)).toMatchObject({ status: 0, printed: "done\n" });
});

test("what another program prints is no answer and no end, however it looks", () => {
  const output = new OutputParser(MARK);
  const forged = sh`printf '%s\n' ${['["refused","eA=="]', '[".end","0"]', '[".begin","0"]', `[${MARK}]`]}; answer real; exit 3`;
  output.addStdout(Buffer.from(ended(["sh"], `id() { echo 0; }\n${wrapScript(forged, MARK)}`).stdout));
  output.end();
  expect(output.answers.map(({ key }) => key)).toEqual(["real", "disks"]);
  expect(output.status).toBe(3);
  expect(`${output.chatter}`).toContain('[".end","0"]');
});

test("no program that a script runs gets the mark", () => {
  const look = "env; cat /proc/self/environ /proc/self/cmdline /proc/$PPID/cmdline; ls -l /proc/self/fd";
  const { stdout } = ended(
    ["env", "answer_mark=exported", "sh"],
    `id() { echo 0; }\n${wrapScript(sh`sh -c ${look} | tr '\0' '\n' | sed 's/^/seen: /'`, MARK)}`,
  );
  const seen = stdout.split("\n").filter((line) => line.startsWith("seen: "));
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.join("\n")).not.toContain(MARK);
});
