import * as pulumi from "@pulumi/pulumi";
import { marked, SECRET_INPUTS, secretInputs } from "../../../provider/dynamic/secrets";

const MARK = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const derived = { results: ["steps", "files"], drift: ["environment"] };

test("an input is secret wherever the secret is in it, and only those count that outputs are made of", async () => {
  const token = pulumi.secret("t");
  const names = (inputs: pulumi.Inputs) => secretInputs(inputs, derived);
  expect(await names({ steps: [{ run: "x", environment: { A: token } }] })).toEqual(["steps"]);
  expect(
    await names({ steps: token.apply((run) => [{ run }]), environment: { A: pulumi.interpolate`a${token}` } }),
  ).toEqual(["environment", "steps"]);
  expect(await names({ files: Promise.resolve([{ content: token }]) })).toEqual(["files"]);
  expect(await names({ credentials: token, steps: [{ run: pulumi.output("x") }], files: undefined })).toBeUndefined();
});

test("what is made of a secret input is marked, and nothing else", () => {
  const outputs = { results: { a: 1 }, drift: {}, owner: "o" };
  expect(marked(derived, { ...outputs, [SECRET_INPUTS]: ["files"] })).toEqual({
    ...outputs,
    [SECRET_INPUTS]: ["files"],
    results: { ...MARK, value: { a: 1 } },
  });
  expect(marked(derived, outputs)).toEqual(outputs);
  expect(marked(derived, { drift: undefined, [SECRET_INPUTS]: ["environment"] }).drift).toBeUndefined();
});
