import fc from "fast-check";
import { OutputParser, Tail } from "../../../../provider/remote/script/output-parser";

const line = (key: string, ...values: string[]) =>
  JSON.stringify([key, ...values.map((value) => Buffer.from(value).toString("base64"))]);

test("output is the same in whatever pieces it arrives", () => {
  const text = ['m[".begin","0"]', `m${line("greeting", "hällo")}`, "chatter", 'm[".end","7"]', ""].join("\n");
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const output = new OutputParser("m");
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      for (const [index, from] of places.entries()) output.addStdout(bytes.subarray(from, places[index + 1]));
      output.end();
      expect(output).toMatchObject({ uid: 0, status: 7, answers: [{ key: "greeting", values: ["hällo"] }] });
      expect(`${output.chatter}`).toBe("chatter\n");
    }),
  );
});

test("a last line without a newline counts", () => {
  const output = new OutputParser();
  output.addStdout(Buffer.from('[".end",'));
  output.addStdout(Buffer.from('"3"]'));
  expect(output.status).toBeUndefined();
  output.end();
  expect(output.status).toBe(3);
});

const MEBIBYTE = Buffer.alloc(1024 * 1024, "x");

test.each([
  ["a line without end", "a line of more than 16 MiB", 17, (output: OutputParser) => output.addStdout(MEBIBYTE)],
  [
    "lines without end",
    "more than 64 MiB",
    65,
    (output: OutputParser) => output.addStdout(Buffer.concat([MEBIBYTE.subarray(1), Buffer.from("\n")])),
  ],
  ["errors without end", "more than 64 MiB", 65, (output: OutputParser) => output.addStderr(MEBIBYTE)],
])("%s is given up once, and nothing more of it is read", (_what, excess, mebibytes, add) => {
  const output = new OutputParser();
  let times = 0;
  output.whenExceeded(() => {
    times += 1;
  });
  for (let n = 1; n < mebibytes; n += 1) add(output);
  expect(output.excess).toBeUndefined();
  for (let n = 0; n < 10; n += 1) add(output);
  output.addStdout(Buffer.from('\n["late"]\n'));
  output.end();
  expect([output.excess, times, output.answers]).toEqual([excess, 1, []]);
  expect(`${output.chatter}${output.stderr}`.length).toBeLessThan(20_000);
});

test("what is kept of output without line breaks is no part of a line", () => {
  const tail = new Tail();
  tail.add(`secret ${"x".repeat(9000)}`);
  expect(`${tail}`).toBe("");
  tail.add("\nwhole\n");
  expect(`${tail}`).toBe("whole\n");
});
