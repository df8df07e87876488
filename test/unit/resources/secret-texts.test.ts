import { HostError, UnreachableError } from "../../../provider/remote";
import { explainFailedJob } from "../../../provider/resources/provision/failed-provision";
import { withoutSecretTexts } from "../../../provider/resources/secret-texts";

const parts = { attempted: "start it", host: "web1" };
const inputs = {
  environment: { A: "hunter2" },
  settings: { Exec: { Parameters: ["first\nsecond"] } },
  name: "webserver",
};

test("an error does not quote the texts of secret inputs", () => {
  const error = new HostError({ ...parts, happened: "A=hunter2 of webserver", details: "ignoring: second" });
  const shown = (names: string[]) => String(withoutSecretTexts(error, inputs, names));
  expect(shown(["environment", "settings"])).toContain("A=[secret] of webserver");
  expect(shown(["environment", "settings"])).toContain("ignoring: [secret]");
  expect(withoutSecretTexts(error, inputs, [])).toBe(error);
  const unreachable = new UnreachableError({ ...parts, happened: "hunter2" });
  expect(withoutSecretTexts(unreachable, inputs, ["environment"])).toBe(unreachable);
});

test("what a step printed is not in an error if the step is secret", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const log = `guest| ${JSON.stringify(["failed", ...["say", "1", "hunter2"].map(base64)])}`;
  const explained = (showsOutput: boolean) =>
    explainFailedJob(
      parts,
      { ok: false, cancelled: false, rebooted: false, killed: undefined, log, unit: "u.service" },
      (text) => text,
      { showsOutput },
    );
  expect(explained(true).message).toContain("hunter2");
  expect(explained(false).message).not.toContain("hunter2");
  expect(explained(false).message).toContain('the step "say" ended with exit status 1');
});
