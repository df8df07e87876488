import { readdirSync, rmSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { answered, refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

/** A machine that runs for as long as a file is there. */
const systemctl = `
directory=\${0%/bin/systemctl}
case $* in
  "-q is-active "*) [ -e "$directory/running" ] ;;
  *show*) echo out; echo err >&2; [ -e "$directory/bus" ] ;;
esac
`;
/** It answers with its arguments and with what the script is. */
const inside = `printf '<%s>' "$@"; cat; exit 5`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl, sleep: "", "systemd-run": inside });
  host.write("running", "");
});
afterEach(() => host.remove());

const inMachine = (script: Script) => lines([sh`provision_machine=web`, script]);
const ended = (script: Script) => host.ended(inMachine(script));

describe("provision_runs", () => {
  test("asks systemd about the unit of the machine", () => {
    expect(ended(sh`provision_runs`).status).toBe(0);
    expect(host.calls()).toEqual(["systemctl -q is-active systemd-nspawn@web.service"]);
  });

  test("fails where the machine does not run", () => {
    expect(ended(sh`rm -f -- ${host.at("running")}; provision_runs`).status).not.toBe(0);
  });
});

describe("provision_persist", () => {
  /** A command that fails for some times, and tells how often it was called. */
  const persist = (failures: number, atFailure: Script = sh`:`) => {
    const script = sh`
calls=0
flaky() {
  calls=$((calls + 1))
  [ "$calls" -gt ${failures} ] || { ${atFailure}; return 3; }
  echo "$*"
}
if provision_persist flaky ${"a b"} c; then echo "yes $calls"; else echo "no $calls $?"; fi
`;
    return ended(script).stdout;
  };

  test("a command that succeeds runs once, and nobody is asked about the machine", () => {
    expect(persist(0)).toBe("a b c\nyes 1\n");
    expect(host.calls()).toEqual([]);
  });

  test("one that fails is tried again after a while, with the same arguments", () => {
    expect(persist(2)).toBe("a b c\nyes 3\n");
    const again = ["systemctl -q is-active systemd-nspawn@web.service", "sleep 0.5"];
    expect(host.calls()).toEqual([...again, ...again]);
  });

  test("it gives up when the machine has stopped", () => {
    expect(persist(10, sh`[ "$calls" -lt 3 ] || rm -f -- ${host.at("running")}`)).toMatch(/^no 3 /);
  });

  test("it gives up after a minute", () => {
    const fast = sh`provision_runs() { :; }; sleep() { :; }`;
    expect(ended(lines([fast, sh`provision_persist false; echo "never here"`]))).toMatchObject({
      status: 1,
      stdout: "",
    });
    expect(persist(119, fast)).toBe("a b c\nyes 120\n");
    expect(persist(120, fast)).toMatch(/^no 120 /);
  });
});

describe("provision_ready", () => {
  test("asks the bus of the guest, and says nothing", () => {
    host.write("bus", "");
    expect(ended(sh`provision_ready`)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.calls()).toEqual(["systemctl -M web show -p Version"]);
  });

  test("waits for it", () => {
    host.remove();
    host = new ScratchHost({ systemctl, sleep: `: >"\${0%/bin/sleep}/bus"` });
    host.write("running", "");
    expect(ended(sh`provision_ready`)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.calls()).toContain("sleep 0.5");
  });

  test("refuses a machine that stops meanwhile", () => {
    expect(host.run(inMachine(sh`rm -f -- ${host.at("running")}; provision_ready; answer after`))).toEqual([
      { key: "refused", values: ["no-bus", "web"] },
    ]);
  });
});

describe("provision_inside", () => {
  const how = "<-M><web><--quiet><--pipe><--wait><--collect><--service-type=exec><--property=RuntimeMaxSec=60>";

  test("runs what is on stdin in the machine, and ends as that does", () => {
    expect(ended(sh`printf %s ${"it's 5%\n"} | provision_inside answers 60 1000`)).toMatchObject({
      status: 5,
      stdout: `${how}</bin/sh>it's 5%\n`,
    });
  });

  test("takes properties of the unit", () => {
    expect(ended(sh`provision_inside answers 60 1000 --unit=x --description=${"a b"} </dev/null`).stdout).toBe(
      `${how}<--unit=x><--description=a b></bin/sh>`,
    );
  });
});

test("what killed runs recorded goes with its machine, and nothing else", () => {
  const records = "/var/lib/pulumi-nspawn/provisions";
  for (const [owner, machine, acknowledged] of [
    ["a", "box", "no"],
    ["b", "box", "yes"],
    ["c", "other", "no"],
  ]) {
    host.write(`${records}/${owner}.json`, JSON.stringify({ owner, machine, acknowledged }));
    host.write(`${records}/${owner}.inspect`, "");
  }
  host.run(sh`provision_forget box`);
  expect(readdirSync(host.at(records)).sort()).toEqual(["b.inspect", "b.json", "c.inspect", "c.json"]);
  host.run(sh`rm -r ${records}; provision_forget box`);
});

describe("provision_inspect", () => {
  const PROVISIONS = "var/lib/pulumi-nspawn/provisions";
  const look = () => host.run(sh`provision_inspect me`);
  const answer = (...values: string[]) => [{ key: "provision", values: ["me", ...values] }];
  beforeEach(() => {
    host.write(`${PROVISIONS}/me.json`, '{"owner":"me","machine":"web","complete":"yes","urn":"u"}');
    host.write(`${PROVISIONS}/me.inspect`, "look 5% 'here'\n");
  });

  test("answers what a look into a machine that runs tells, also where it fails", () => {
    const how =
      "<-M><web><--quiet><--pipe><--wait><--collect><--service-type=exec><--property=RuntimeMaxSec=60></bin/sh>";
    expect(look()).toEqual(answer("web", "running", `${how}provision_idle=yes\nlook 5% 'here'`));
  });

  test("says that work runs, if that holds the lock", () => {
    const held = sh`lock_open /run/pulumi-nspawn/provision-web.lock 7; flock 7; flock() { command flock -s -n 9; }`;
    const [[, , , text] = []] = answered(host, sh`${held}; provision_inspect me`).map(([, ...values]) => values);
    expect(text).toMatch(/<\/bin\/sh>provision_idle=\nlook/);
  });

  test("does not look into a machine that is stopped", () => {
    rmSync(host.at("running"));
    expect(look()).toEqual(answer("web", "stopped", ""));
    expect(host.calls()).toEqual(["systemctl -q is-active systemd-nspawn@web.service"]);
  });

  test("takes no more than a million bytes of the guest's word", () => {
    host.remove();
    host = new ScratchHost({ systemctl, "systemd-run": "head -c 1000001 /dev/zero | tr '\\000' x" });
    host.write("running", "");
    host.write(`${PROVISIONS}/me.json`, '{"machine":"web"}');
    host.write(`${PROVISIONS}/me.inspect`, "");
    const length = sh`answer() { echo "\${#5}"; }; provision_inspect me`;
    expect(host.ended(length).stdout).toBe("1000000\n");
  });

  test("answers nothing of a look that is gone", () => {
    rmSync(host.at(`${PROVISIONS}/me.inspect`));
    expect(look()[0]?.values.slice(0, 3)).toEqual(["me", "web", "running"]);
    expect(look()[0]?.values[3]).not.toContain("look");
  });
});

describe("provision_ask", () => {
  test("asks the systemd of the machine, and says nothing", () => {
    host.write("bus", "");
    expect(ended(sh`provision_ask 5 show -p Version`)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.calls()).toEqual(["systemctl -M web show -p Version"]);
  });

  test("fails if it does not answer in time", () => {
    host.program("systemctl", "exec /bin/sleep 600");
    expect(ended(sh`provision_ask 1 stop x`).status).toBe(124);
  });
});

describe("provision_removed", () => {
  const after = (status: number, text = "") =>
    answered(host, inMachine(sh`provision_removed ${status} ${text}; answer done`));

  test("a removal that ended well is no refusal", () => expect(after(0)).toEqual([["done"]]));

  test("one that failed, or printed without end, is one, with the last words of the machine", () => {
    expect(after(125, "x")).toEqual(refused("guest-flood", "web", "1").map(({ key, values }) => [key, ...values]));
    const text = Array.from({ length: 20 }, (_, n) => `line ${n}`).join("\n");
    const [[key, code, name, status, words = ""] = []] = after(1, text);
    expect([key, code, name, status, words.split("\n").length]).toEqual(["refused", "not-removed", "web", "1", 12]);
  });
});
