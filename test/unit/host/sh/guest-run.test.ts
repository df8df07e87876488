import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

/** Runs a guest's shell script, with its input, and prints the status. */
const guest = (how: "answers" | "log", script: string, { seconds = 60, bytes = 1000, input = sh`:` } = {}) =>
  host.ended(sh`guest_status=0
{ ${input}; } | guest_run ${how} ${seconds} ${bytes} sh -c ${script} || guest_status=$?
echo "status $guest_status"`);

/** Processes that a test left: each has the directory of its host in its arguments. */
const ending = (script: Script) => sh`${script}
kill "$(cat ${"/run/pulumi-nspawn/left"})"`;

describe("guest_run", () => {
  test("gives a command what is on stdin, and ends as it does", () => {
    const input = sh`printf %s ${"it's 5%\n"}`;
    expect(guest("answers", "cat; echo said >&2; exit 5", { input })).toEqual({
      status: 0,
      stdout: "it's 5%\nsaid\nstatus 5\n",
      stderr: "",
    });
    expect(guest("answers", "kill -KILL $$").stdout).toBe("status 137\n");
    expect(host.ended(sh`guest_run answers 60 1000 ${host.at("no-program")} </dev/null`).status).toBe(127);
  });

  test("takes any input whole, and gives all of it", () => {
    const input = sh`head -c 1000000 /dev/zero`;
    expect(guest("answers", "wc -c", { input }).stdout).toBe("1000000\nstatus 0\n");
  });

  test("the guest has pipes of its own, and nothing else of the host", () => {
    // Without a pipe of its own, which the shell would have open itself; the directory that it lists is closed by then.
    const count = 'open=0; for fd in /proc/$$/fd/*; do [ ! -e "$fd" ] || open=$((open + 1)); done; echo "$open"';
    const script = `for fd in 0 1 2; do readlink /proc/$$/fd/$fd | sed 's/:.*//'; done; ${count}`;
    const open = sh`exec 5>>${host.at("lock")} 9>>${host.at("lock")} 3</etc/passwd`;
    const { stdout } = host.ended(sh`${open}; guest_run answers 60 1000 sh -c ${script} <${host.at("lock")}`);
    expect(stdout).toBe("pipe\npipe\npipe\n3\n");
  });

  test("what the guest leaves open, or does not read, keeps nobody waiting", () => {
    const script = `sleep 600 <&0 & echo $! >${host.at("/run/pulumi-nspawn/left")}; exit 3`;
    host.write("/run/pulumi-nspawn/left", "");
    const call = sh`head -c 1000000 /dev/zero | guest_run answers 600 1000 sh -c ${script} || echo "status $?"`;
    expect(host.ended(ending(call))).toMatchObject({ status: 0, stdout: "status 3\n" });
  });

  test("a command that does not end in time is ended, and so is one that does not listen", () => {
    expect(guest("answers", "echo begun; exec sleep 600", { seconds: 1 }).stdout).toBe("begun\nstatus 124\n");
    const deaf = `trap '' TERM; echo $$ >${host.at("pid")}; while :; do sleep 1; done`;
    expect(guest("log", deaf, { seconds: 1 }).stdout).toBe("status 124\n");
    expect(host.ended(sh`! kill -0 "$(cat ${host.at("pid")})"`).status).toBe(0);
  });

  test("of answers it takes so many bytes, and then ends the command", () => {
    expect(guest("answers", "exec tr '\\0' x </dev/zero", { bytes: 10 }).stdout).toBe("xxxxxxxxxxstatus 125\n");
    expect(guest("answers", "printf 0123456789", { bytes: 10 }).stdout).toBe("0123456789status 0\n");
  });

  test("in a log each line is marked as the guest's, however it looks", () => {
    const script = `printf '%s\\n' '["refused","bm8="]' 'pulumi-nspawn-disk: 0' '' 'guest| x'; printf 'no end' >&2`;
    expect(guest("log", script).stdout).toBe(
      [
        'guest| ["refused","bm8="]',
        "guest| pulumi-nspawn-disk: 0",
        "guest| ",
        "guest| guest| x",
        "guest| no end",
        "status 0",
        "",
      ].join("\n"),
    );
  });

  test("in a log a line that is too long is broken, and each part is marked", () => {
    const { stdout } = guest("log", "head -c 100000 /dev/zero | tr '\\0' x", { bytes: 1_000_000 });
    const parts = stdout.split("\n").slice(0, -2);
    expect(parts.map((part) => part.length)).toEqual([32_768, 32_768, 32_768, 1696].map((length) => length + 7));
    expect(parts.every((part) => part.startsWith("guest| "))).toBe(true);
  });

  test("of a long log it leaves out the middle, and the guest is not ended", () => {
    const { stdout } = guest("log", "seq 1 100000; exit 4", { bytes: 20 });
    const shown = stdout.split("\n");
    expect(shown.slice(0, 3)).toEqual(["guest| 1", "guest| 2", "guest| 3"]);
    expect(stdout).toMatch(/guest\| \[\d+ bytes of output are left out\]\n/);
    expect(shown.slice(-4)).toEqual(["guest| 99999", "guest| 100000", "status 4", ""]);
    expect(stdout.length).toBeLessThan(40_000);
  });

  test("a reader that is gone ends the command", () => {
    const script = `echo $$ >${host.at("pid")}; exec yes`;
    const call = sh`guest_run log 600 1000000 sh -c ${script} </dev/null | head -n 1; ! kill -0 "$(cat ${host.at("pid")})"`;
    expect(host.ended(call)).toMatchObject({ status: 0, stdout: "guest| y\n" });
  });

  test("a signal that ends it ends the command", () => {
    const script = `echo $$ >${host.at("pid")}; exec sleep 600`;
    const call = sh`guest_run answers 600 1000 sh -c ${script} </dev/null &
until [ -s ${host.at("pid")} ]; do sleep 0.1; done
kill $(cat "/proc/$!/task/$!/children"); wait $! || echo "status $?"
! kill -0 "$(cat ${host.at("pid")})"`;
    expect(host.ended(call)).toMatchObject({ status: 0, stdout: "status 143\n" });
  });
});
