import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

test("plain_refusals makes a refusal a line for people, with its backslashes, and it still ends the script", () => {
  const refusal = sh`plain_refusals; refuse ${["image-mounted", "/a\\c b\\n", "-n"]} || echo later; echo later`;
  expect(host.ended(refusal)).toEqual({ status: 65, stdout: "E: image-mounted /a\\c b\\n -n\n", stderr: "" });
  expect(host.ended(sh`plain_refusals; answer key x`).stdout).toBe('["key","eA=="]\n');
});

test("plain_refusals holds for the refusals of libraries", () => {
  expect(host.ended(sh`plain_refusals; source_directory ${"/a b\\c"}`)).toMatchObject({
    status: 65,
    stdout: "E: source-not-directory /a b\\c\n",
  });
});

test("plain_answers makes an answer a line of its values, with their backslashes", () => {
  const answers = sh`plain_answers; answer key; answer key ${["-n", "a\\c b", "two\nlines"]}; answer drift %s`;
  expect(host.ended(answers)).toEqual({ status: 0, stdout: "\n-n a\\c b two\nlines\n%s\n", stderr: "" });
});

test("after plain_answers, a refusal is a line too, and ends the script", () => {
  expect(host.ended(sh`plain_answers; refuse no-user me; echo later`)).toMatchObject({
    status: 65,
    stdout: "no-user me\n",
  });
});
