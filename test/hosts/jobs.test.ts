import { setTimeout as pause } from "node:timers/promises";
import { disksIn } from "../../provider/host/disks";
import { describeProgress } from "../../provider/host/jobs/build-progress";
import { type JobResult, runJob } from "../../provider/host/jobs/transient-unit";
import { type Script, sh } from "../../provider/remote";
import { connectionTo } from "../support/connection";
import { signalFollowers } from "../support/followers";
import { type TestHost, up } from "../support/hosts";

describe("a job on a host", () => {
  let host: TestHost;
  let reported: string[];

  beforeAll(async () => {
    host = await up({ name: "long-work", suite: "trixie" });
  });
  afterAll(() => host?.down());
  beforeEach(() => {
    reported = [];
  });

  function work(unit: string, script: Script): Promise<JobResult> {
    const what = { unit, description: "Work at length", done: sh`false`, script };
    return runJob({ connection: connectionTo(host, "ops") }, what, {
      attempt: "work",
      timeoutSeconds: 300,
      onAnswer: (answer) => reported.push(describeProgress(answer) ?? ""),
    });
  }

  async function shows(text: string): Promise<void> {
    while (!reported.includes(text)) await pause(50);
  }

  test("killing the script that follows the work does not end the work", async () => {
    const result = work("killed", sh`echo 'pulumi-nspawn: begun'; until [ -e /run/go-on ]; do sleep 0.1; done`);
    await shows("begun");
    expect(await signalFollowers(host, "KILL")).not.toBe("");
    await host.sh("touch /run/go-on");
    expect(await result).toEqual({ ok: true });
    expect(reported).toContainEqual(expect.stringMatching(/^following it again: /));
  });

  test("the last output of failed work is reported, however late the journal receives it", async () => {
    await host.sh("kill -STOP $(pidof systemd-journald)");
    const result = work("failing", sh`seq 1 100; touch /run/said; exit 3`);
    while ((await host.exec("test -e /run/said")).exitCode !== 0) await pause(50);
    // A unit that fails while the journal is behind loses its invocation ID.
    await host.sh("until pgrep -f '^journalctl --sync$' || ! systemctl -q is-active failing; do sleep 0.1; done");
    await host.sh("kill -CONT $(pidof systemd-journald)");
    const failed = await result;
    expect(failed).toMatchObject({ ok: false, cancelled: false });
    const { rest, disks } = disksIn("log" in failed ? failed.log : "");
    expect(rest).toMatch(/\n99\n100$/);
    expect(disks).toMatch(/ \/$/m);
  });
});
