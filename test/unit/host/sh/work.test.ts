import { existsSync, utimesSync } from "node:fs";
import { HEARTBEAT } from "../../../../provider/host/jobs/build-progress";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { answered, called } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const RESULTS = "/run/pulumi-nspawn/units";
const STATE = "ActiveState=x\nInvocationID=run1\nSubState=";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ sleep: "", journalctl: "", systemctl: "" });
  host.write(`${RESULTS}/other`, "");
});
afterEach(() => host.remove());

const about = (secluded = "") =>
  sh`job_unit=build.service job_invocation=run1 job_private=${secluded} job_boot=$(cat /proc/sys/kernel/random/boot_id)`;
const ended = (call: Script, secluded?: string) =>
  host.ended(sh`${about(secluded)}
${call}`);
/** What systemd shows of the unit. */
const shows = (sub: string, invocation = "run1") =>
  host.program(
    "systemctl",
    `case $* in
*--value*) echo "${invocation}" ;;
show*) printf 'SubState=${sub}\\nInvocationID=${invocation}\\n' ;;
esac`,
  );

describe("job_has_ended", () => {
  const hasEnded = () => host.holds(sh`${about()}; job_has_ended`);

  test.each([
    ["running", false],
    ["start", false],
    ["start-pre", false],
    ["exited", true],
    ["failed", true],
    ["dead", true],
  ])("while the run is %s, whether it has ended is %s", (sub, expected) => {
    shows(sub);
    expect(hasEnded()).toBe(expected);
  });

  test("another run of the unit means that this one has ended", () => {
    shows("running", "run2");
    expect(hasEnded()).toBe(true);
    shows("dead", "");
    expect(hasEnded()).toBe(true);
  });

  test("as long as systemd does not answer, it counts as running", () => {
    host.program("systemctl", "echo 'Connection timed out' >&2; exit 1");
    expect(hasEnded()).toBe(false);
  });
});

describe.each([
  ["job_follow", "journalctl -q -f -n all -o cat _SYSTEMD_INVOCATION_ID=run1", sh`job_follow`],
  ["job_output", "journalctl -q -o cat _SYSTEMD_INVOCATION_ID=run1", sh`job_output`],
])("%s", (_name, journal, call) => {
  test("prints what is in the journal of this run", () => {
    host.program("journalctl", "printf '%s\\n' 'from \\c the journal'");
    expect(ended(call)).toEqual({ status: 0, stdout: "from \\c the journal\n", stderr: "" });
    expect(called(host)).toEqual([journal]);
  });

  test("prints the file that only root can read, if the output is private", () => {
    host.write(`${RESULTS}/run1.log`, "a secret\\n\n");
    host.program("tail", 'shift 3; exec cat "$@"');
    expect(ended(call, "yes")).toEqual({ status: 0, stdout: "a secret\\n\n", stderr: "" });
    expect(called(host).some((one) => one.startsWith("journalctl"))).toBe(false);
  });

  test("fails if that cannot be read", () => {
    host.program("journalctl", "exit 4");
    expect(ended(call).status).toBe(4);
    host.program("tail", "exit 5");
    expect(ended(call, "yes").status).toBeGreaterThan(0);
  });
});

describe("job_lines", () => {
  const RESULT = () => host.at(`${RESULTS}/run1`);

  test("prints the output until the result is there", () => {
    shows("running");
    host.program("journalctl", `echo one; echo two; echo 0 >${RESULT()}`);
    expect(ended(sh`job_lines 10`)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^one\ntwo\n/) });
  });

  test("kills a reader that never ends: it would keep the pipe open", () => {
    host.write(`${RESULTS}/run1`, "0");
    host.program("journalctl", `trap '' TERM; echo $$ >${host.at("pid")}; exec tail -f /dev/null`);
    host.program("sleep", `until [ -s ${host.at("pid")} ]; do /bin/sleep 0.05; done`);
    const call = sh`job_lines 10 | cat; pid=$(cat ${host.at("pid")})
tries=100; while kill -0 "$pid" 2>/dev/null && [ "$tries" -gt 0 ]; do tries=$((tries - 1)); /bin/sleep 0.05; done; echo "$tries" | grep -vx 0`;
    expect(ended(call).status).toBe(0);
  });

  test("shows every so many seconds that it is there", () => {
    shows("running");
    host.program(
      "sleep",
      `echo . >>${host.at("ticks")}; [ "$(wc -l <${host.at("ticks")})" != 21 ] || echo 0 >${RESULT()}`,
    );
    expect(ended(sh`job_lines 2`).stdout).toBe(`${HEARTBEAT}\n${HEARTBEAT}\n`);
  });

  test("ends with a run that ended without a result", () => {
    shows("failed");
    expect(ended(sh`job_lines 10`)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("a reader that fails is no failure of the run", () => {
    host.write(`${RESULTS}/run1`, "0");
    host.program("journalctl", "echo error >&2; exit 1");
    expect(ended(sh`job_lines 10; echo later`)).toEqual({ status: 0, stdout: "later\n", stderr: "" });
  });
});

describe("job_result", () => {
  const result = (secluded = "") => answered(host, sh`${about(secluded)}; job_result`);

  test("work that succeeded ended with 0, and its output is not asked for", () => {
    host.write(`${RESULTS}/run1`, "0\n");
    expect(result()).toEqual([["ended", "0"]]);
    expect(called(host)).toEqual([]);
  });

  test.each(["7", "cancelled"])("work that ended otherwise is answered with the end of its output: %s", (status) => {
    host.write(`${RESULTS}/run1`, `${status}\n`);
    host.program("journalctl", "seq 1 20000");
    const [[key, how, log = ""] = []] = result();
    expect([key, how, log.length]).toEqual(["ended", status, 29_999]);
    expect(log.endsWith("\n20000")).toBe(true);
    host.write(`${RESULTS}/run1.log`, "secluded");
    expect(result("yes")).toEqual([["ended", status, "secluded", ""]]);
  });

  test("without a result the work was killed, also if its output is gone", () => {
    host.program("journalctl", "exit 1");
    host.program("systemctl", "echo oom-kill");
    expect(result()).toEqual([["ended", "killed", "", "oom-kill"]]);
    expect(result("yes")).toEqual([["ended", "killed", "", "oom-kill"]]);
  });

  test("without a result, in another boot of the host than the one in which it began, it ended with the host", () => {
    const call = sh`${about()}; job_boot=another; job_result`;
    expect(answered(host, call)).toEqual([["ended", "rebooted", "", ""]]);
    host.write(`${RESULTS}/run1`, "7\n");
    expect(answered(host, call)).toEqual([["ended", "7", "", ""]]);
  });
});

describe("job_output_end", () => {
  const end = (text: string) => {
    host.write(`${RESULTS}/run1.log`, text);
    return ended(sh`job_output_end`, "yes").stdout;
  };

  test("output that is short is whole, also if a line is empty at its end", () => {
    expect(end("guest| a\n\n")).toBe("guest| a\n\n");
    expect(end(`${"x".repeat(29_999)}\n`).length).toBe(30_000);
  });

  test("of long output no line is a part of one, which could pass for the host's", () => {
    const line = `guest| ${"x".repeat(90)}["refused","x"]`;
    const shown = end(`${line}\n`.repeat(1000)).split("\n").slice(0, -1);
    expect(new Set(shown)).toEqual(new Set([line]));
    expect(end(`${"x".repeat(40_000)}\n`)).toBe("");
  });
});

describe("job_sweep", () => {
  const DAY = 86400;
  const sweepAt = (seconds: number) => host.ended(sh`clock_read() { clock_seconds=${seconds}; }; job_sweep ${DAY}`);
  const there = (name: string) => existsSync(host.at(`${RESULTS}/${name}`));

  test("what was there at a sweep goes with the next one, a day of uptime later", () => {
    sweepAt(2 * DAY);
    host.write(`${RESULTS}/young`, "");
    expect([there("other"), there("young")]).toEqual([true, true]);
    sweepAt(3 * DAY - 1);
    expect(there("other")).toBe(true);
    sweepAt(3 * DAY);
    expect([there("other"), there("young")]).toEqual([false, true]);
    sweepAt(4 * DAY);
    expect(there("young")).toBe(false);
  });

  test("eight jobs that start at the same time do not get in each other's way", () => {
    const eight = Array.from({ length: 8 }, () => sh`{ job_sweep ${DAY} || answer failed; } &`);
    expect(host.run(lines([sh`clock_read() { clock_seconds=${2 * DAY}; }`, ...eight, sh`wait`]))).toEqual([]);
    expect(there(".swept")).toBe(true);
  });

  test("a file that an earlier clock dated is no older for that", () => {
    sweepAt(2 * DAY);
    host.write(`${RESULTS}/young`, "");
    utimesSync(host.at(`${RESULTS}/young`), 1000, 1000);
    sweepAt(3 * DAY);
    expect(there("young")).toBe(true);
  });
});

describe("job_clear", () => {
  const LOCK = "/run/pulumi-nspawn/build.lock";
  const clear = () => {
    expect(ended(sh`job_clear ${LOCK}; echo later; : >&9`).stdout).toBe("later\n");
    return called(host).filter((call) => /^systemctl (?:stop|reset)/.test(call));
  };
  const CLEARED = ["systemctl stop build.service", "systemctl reset-failed build.service"];

  test.each(["exited", "failed"])("a run that has ended no longer stays in the list: %s", (sub) => {
    shows(sub);
    expect(clear()).toEqual(CLEARED);
    expect(existsSync(host.at(LOCK))).toBe(true);
  });

  test("somebody else's next run is left alone", () => {
    shows("running", "run2");
    expect(clear()).toEqual([]);
    shows("exited", "run2");
    expect(clear()).toEqual([]);
  });

  test("one that does not end is waited for, and then left", () => {
    shows("running");
    expect(clear()).toEqual([]);
    shows("running");
    host.program("sleep", `printf '%s\\n' . >>${host.at("ticks")}`);
    clear();
    expect(ended(sh`wc -l <${host.at("ticks")}`).stdout.trim()).toBe("20");
  });

  test("a unit that cannot be cleared is no failure", () => {
    host.program(
      "systemctl",
      `case $* in stop* | reset*) exit 1 ;; *--value*) echo run1 ;; *) printf '${STATE}exited\\n' ;; esac`,
    );
    expect(clear()).toEqual(CLEARED);
  });

  test("while somebody else has the lock, it is left", () => {
    shows("exited");
    const held = sh`exec 7>${LOCK}; flock 7; flock() { command flock -n 9; }; ${about()}; job_clear ${LOCK}; echo later`;
    expect(host.ended(held).stdout).toBe("later\n");
    expect(called(host).filter((call) => call.startsWith("systemctl stop"))).toEqual([]);
  });
});
