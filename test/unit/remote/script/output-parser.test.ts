import fc from "fast-check";
import { OutputParser } from "../../../../provider/remote/script/output-parser";

const line = (key: string, ...values: string[]) =>
  JSON.stringify([key, ...values.map((value) => Buffer.from(value).toString("base64"))]);

test("output is the same in whatever pieces it arrives", () => {
  const text = ['[".begin","0"]', line("greeting", "hällo"), "chatter", '[".end","7"]', ""].join("\n");
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const output = new OutputParser();
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
