import {
  type Answer,
  closeAll,
  connectionCount,
  dialCount,
  HostError,
  run,
  type Script,
  sh,
} from "../../provider/remote";
import { failureOf } from "../support/ssh/failure";
import { ensureOpenSsh } from "../support/ssh/openssh";
import { Sshd } from "../support/ssh/sshd";

let sshd: Sshd;
beforeAll(async () => {
  await ensureOpenSsh();
  sshd = await Sshd.start();
});
afterEach(() => closeAll());
afterAll(() => sshd?.remove());

describe.each(["ssh", "local"])("output without end, %s", (how) => {
  const runOn = (script: Script): Promise<Answer[]> =>
    run({ connection: how === "local" ? { host: "local" } : sshd.connection() }, script, {
      attempt: "look around",
      timeoutSeconds: 120,
    });

  test.each([
    ["a line", sh`exec tr "\\0" x </dev/zero`, /printed a line of more than 16 MiB into the operation's output/],
    ["lines", sh`exec yes`, /printed more than 64 MiB/],
    ["errors", sh`exec yes >&2`, /printed more than 64 MiB/],
    [
      "answers",
      sh`while :; do answer key "$(head -c 1000000 /dev/zero | tr '\0' x)"; done`,
      /printed more than 64 MiB/,
    ],
  ])(
    "%s: the operation fails, and what else runs on the connection does not notice",
    async (_what, script, message) => {
      const before = dialCount();
      const other = runOn(sh`answer begun; sleep 3; answer done`);
      const failure = await failureOf(runOn(script));
      expect(failure).toBeInstanceOf(HostError);
      expect(`${failure}`).toMatch(message);
      expect(`${failure}`.length).toBeLessThan(20_000);
      expect((await other).map(({ key }) => key)).toEqual(["begun", "done"]);
      expect((await runOn(sh`answer again`)).map(({ key }) => key)).toEqual(["again"]);
      if (how === "ssh") expect([dialCount() - before, connectionCount()]).toEqual([1, 1]);
    },
  );
});
