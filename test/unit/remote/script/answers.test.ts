import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { lines, parseAnswer, prelude, type Script, sh } from "../../../../provider/remote";
import { REFUSED } from "../../../../provider/remote/script/answers";

const NAMES = [
  "",
  "-n",
  "-e x",
  "a b",
  "back\\slash \\c \\n",
  "two\nlines\n",
  'it\'s "quoted"',
  "$(id) `id`",
  "ä 😀",
  "%s",
];

/** How a script under `set -eu` ends, and what it answers. */
function run(script: Script) {
  const { status, stdout, stderr } = spawnSync("sh", { input: lines([prelude, sh`set -eu`, script]).text });
  const lineOf = (line: string) => {
    const answer = parseAnswer(line);
    return answer === undefined ? [line] : [answer.key, ...answer.values];
  };
  const answers = `${stdout}`.split("\n").slice(0, -1).map(lineOf);
  return { status, answers, stderr: `${stderr}` };
}

const failing = sh`base64() { return 3; }`;

describe("answer", () => {
  test("values are answered as they are, each on its own", () => {
    expect(run(sh`answer key ${NAMES}; answer none`)).toEqual({
      status: 0,
      answers: [["key", ...NAMES], ["none"]],
      stderr: "",
    });
  });

  test("whatever a value holds, it is read as it was", () => {
    const text = fc.string({ unit: "binary" }).filter((one) => !one.includes("\0"));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (values) => {
        expect(run(sh`answer key ${values}`).answers).toEqual([["key", ...values]]);
      }),
      { numRuns: 20 },
    );
  });

  test("a long value is one line", () => {
    expect(run(sh`answer key "$(seq 1 20000)"`).answers.map((one) => one.length)).toEqual([2]);
  });

  test("fails if a value cannot be encoded, also in a condition", () => {
    expect(run(sh`${failing}; answer key x; echo later`)).toMatchObject({ answers: [] });
    expect(run(sh`${failing}; answer key x || echo failed`)).toMatchObject({ status: 0, answers: [["failed"]] });
  });
});

describe("answer_file", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "answers-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("the content of a file is answered as it is", () => {
    for (const name of NAMES.filter((one) => one !== "")) writeFileSync(join(directory, name), `${name}\n\n`);
    for (const name of NAMES.filter((one) => one !== "")) {
      expect(run(sh`cd ${directory}; answer_file file ${name} ${name}`)).toEqual({
        status: 0,
        answers: [["file", name, `${name}\n\n`]],
        stderr: "",
      });
    }
  });

  test("a file that is gone meanwhile is not answered", () => {
    expect(run(sh`answer_file file x ${join(directory, "gone")}; echo later`)).toMatchObject({
      status: 0,
      answers: [["later"]],
    });
  });

  test("one that cannot be read fails, and is not taken for an empty one", () => {
    mkdirSync(join(directory, "a b"));
    const { status, answers } = run(sh`answer_file file x ${join(directory, "a b")}; echo later`);
    expect(answers).toEqual([]);
    expect(status).toBeGreaterThan(0);
  });
});

describe("refuse", () => {
  test("says why, and ends the script with its own status", () => {
    expect(run(sh`refuse ${["code", ...NAMES]}; echo later`)).toEqual({
      status: REFUSED,
      answers: [["refused", "code", ...NAMES]],
      stderr: "",
    });
  });

  test("ends the script in a condition too, and a function that is called in one", () => {
    for (const script of [sh`if ! refuse x; then :; fi`, sh`refuse x || :`, sh`f() { refuse x; echo on; }; f || :`]) {
      expect(
        run(sh`${script}
echo later`),
      ).toMatchObject({ status: REFUSED, answers: [["refused", "x"]] });
    }
  });

  test("in a subshell it ends that, with the status that ends the script", () => {
    expect(run(sh`( refuse x ); echo later`)).toMatchObject({ status: REFUSED, answers: [["refused", "x"]] });
  });

  test("ends the script even if it cannot say why", () => {
    expect(run(sh`${failing}; refuse x || echo later; echo later`).answers).toEqual([]);
  });
});

describe("answer_disks", () => {
  const line = /^ *\d+ +\S+ +\S+ +\S+ +.* \/.*$/;

  test("answers each file system once, with what is free in it", () => {
    const [[key, text = ""] = []] = run(sh`answer_disks`).answers;
    const disks = text.split("\n");
    expect([key, disks.filter((one) => !line.test(one))]).toEqual(["disks", []]);
    expect(new Set(disks).size).toBe(disks.length);
  });

  test("a failure, or a client that is gone, changes nothing", () => {
    expect(run(sh`df() { return 1; }; answer_disks; answer later`)).toMatchObject({
      answers: [["disks", ""], ["later"]],
    });
    expect(run(sh`exec 3>&1 >&-; answer_disks; answer later >&3`).answers).toEqual([["later"]]);
  });
});

test("disks_list prints what df knows, without its heading and without doubles", () => {
  expect(run(sh`df() { printf 'Avail\n 1 2 3 ext4 /dev/a /\n'; }; disks_list`).answers).toEqual([
    [" 1 2 3 ext4 /dev/a /"],
  ]);
});
