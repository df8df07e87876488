import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { parseAnswer, type Script } from "../../../../provider/remote";
import { makeGeneration } from "../support/generations";
import {
  about,
  aboutMachine,
  dependents,
  hashOf,
  machineHost,
  started,
  unit,
  writeSettings,
} from "../support/machine-script";
import type { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = machineHost();
});
afterEach(() => host.remove());

const { run, holds, text, called } = aboutMachine(() => host);

describe("machine_answers", () => {
  test("a service answers if the bus says so in limited time", () => {
    host.program("timeout", 'shift 3; "$@"');
    host.program("busctl", "");
    expect(holds(sh`machine_answers org.freedesktop.machine1`)).toBe(true);
    expect(called("busctl")).toEqual([
      "busctl --timeout=10 --quiet call org.freedesktop.machine1 / org.freedesktop.DBus.Peer Ping",
    ]);
    host.program("busctl", "exit 1");
    expect(holds(sh`machine_answers org.freedesktop.machine1`)).toBe(false);
  });
});

describe("machine_asked", () => {
  test("one that does not answer in time is silent", () => {
    host.program("busctl", "");
    host.program("timeout", "exit 124");
    expect(holds(sh`machine_asked a b c d`)).toBe(false);
    host.program("timeout", 'shift 3; "$@"');
    expect(holds(sh`machine_asked a b c d`)).toBe(true);
    expect(called("busctl")).toEqual(["busctl --timeout=10 --quiet call a b c d"]);
  });
});

describe("machine_may_stop", () => {
  const mayStop = () =>
    run(sh`machine_may_stop org.freedesktop.network1
answer yes`).map(({ key, values }) => [
      key,
      ...values.slice(0, 1),
      ...values.slice(1, 2).map((path) => path.replace(host.directory, "")),
    ]);
  const silent = (...names: readonly string[]) =>
    host.program("busctl", `case " ${names.join(" ")} " in *" $4 "*) exit 1 ;; esac`);

  beforeEach(() => {
    silent();
    mkdirSync(host.at("var/lib/machines"), { recursive: true });
  });

  test("it may where all that its start needs answers, and then nothing is left of the trial", () => {
    expect(mayStop()).toEqual([["yes"]]);
    expect(readdirSync(host.at("var/lib/machines"))).toEqual([]);
    expect(called("busctl")).toHaveLength(2);
  });

  test.each(["org.freedesktop.machine1", "org.freedesktop.network1"])("it may not while %s is silent", (name) => {
    silent(name);
    expect(mayStop()).toEqual([["refused", "host-silent", name]]);
  });

  test("a bus that is silent itself is named", () => {
    silent("org.freedesktop.machine1", "org.freedesktop.network1", "org.freedesktop.DBus");
    expect(mayStop()).toEqual([["refused", "host-silent", "org.freedesktop.DBus"]]);
  });

  test("it may not where nothing can be written", () => {
    rmSync(host.at("var/lib/machines"), { recursive: true });
    host.write("var/lib/machines", "no directory");
    expect(mayStop()).toEqual([["refused", "not-written", "/var/lib/machines/.pulumi-nspawn"]]);
  });
});

describe("machine_guard and machine_return", () => {
  /** A systemctl that keeps whether the unit is active, and starts it only after so many tries. */
  const systemd = (state: string, failures = 0) => {
    host.write("state", `${state}\n`);
    host.program(
      "systemctl",
      sh`
cd ${host.directory}
case $1 in
  is-active) cat state; grep -qx active state ;;
  start) [ "$(grep -c '^systemctl start ' calls)" -gt ${failures} ] || exit 1; echo active >state ;;
  stop) echo inactive >state ;;
esac`.text,
    );
  };
  /** How a script ends that stops the machine and then does this. */
  const after = (script: Script, { before = "", exchanged = "" } = {}) => {
    const { status, stdout } = host.ended(sh`${about}
machine_exchanged=${exchanged}
machine_guard web ${before}
machine_stop
${script}`);
    const answers = stdout.split("\n").flatMap((line) => parseAnswer(line) ?? []);
    return [status, ...answers.map(({ key, values }) => [key, ...values])];
  };
  const again = "The machine had been stopped for this, and runs again";

  test.each([
    ["a line that fails", sh`false`, 1],
    ["a line that cannot be redirected", sh`: >/none/file`, 2],
    ["a signal at its deadline", sh`kill -TERM "$$"; sleep 1`, 143],
    ["the end of its session", sh`kill -HUP "$$"; sleep 1`, 129],
  ])("a machine that %s leaves stopped starts again", (_what, script, status) => {
    systemd("active");
    expect(after(script)).toEqual([status, ["afterwards", `${again}.`]]);
    expect(text("state")).toBe("active\n");
  });

  test("a refusal keeps its words", () => {
    systemd("active");
    expect(after(sh`refuse networkd-reload why`)).toEqual([
      65,
      ["refused", "networkd-reload", "why"],
      ["afterwards", `${again}.`],
    ]);
  });

  test("a machine that runs when the script ends is left alone, and so is one that is starting", () => {
    systemd("active");
    expect(after(sh`systemctl start ${unit}; false`)).toEqual([1]);
    expect(after(sh`echo activating >${host.at("state")}; false`)).toEqual([1]);
  });

  test("a script that nobody listens to comes to its end", () => {
    systemd("active");
    const script = sh`${about}
machine_exchanged=
machine_guard web ''
machine_stop
sleep 0
{ answer progress starting; } 2>/dev/null || :
systemctl start ${unit}
: >${host.at("end")}`;
    host.program("sleep", "exec /bin/sleep 0.2");
    host.ended(sh`(
${script}
) | true`);
    expect(existsSync(host.at("end"))).toBe(true);
  });

  test("whoever calls it before the end has it no second time", () => {
    systemd("active");
    expect(after(sh`machine_return; false`)).toEqual([1, ["afterwards", `${again}.`]]);
  });

  test("a second start is tried, and a machine that does not start is said to be down", () => {
    systemd("active", 1);
    expect(after(sh`false`)).toEqual([1, ["afterwards", `${again}.`]]);
    host.calls();
    systemd("active", 9);
    expect(after(sh`false`)).toEqual([
      1,
      ["afterwards", expect.stringContaining("could not be started again: it is down.")],
    ]);
  });

  test("what stopped with it starts with it, and its settings are noted", () => {
    systemd("active");
    host.write(dependents, " a.service\n");
    writeSettings(host, "new");
    after(sh`false`);
    expect(called("systemctl")).toContain("systemctl start -- a.service");
    expect(text(started)).toContain(hashOf("new"));
  });

  test("the root that it had is put back first", () => {
    systemd("active");
    makeGeneration(host, { generation: "old", created: "1", at: "/var/lib/machines/web" });
    makeGeneration(host, { generation: "new", created: "2" });
    const exchange = sh`generation_exchange web new; machine_exchanged=new; false`;
    expect(after(exchange, { before: "old" })).toEqual([1, ["afterwards", `${again} from its old root.`]]);
    expect(text("var/lib/machines/web/which")).toBe("old");
  });

  test("a new root that is still starting is stopped for that", () => {
    systemd("active");
    makeGeneration(host, { generation: "old", created: "1", at: "/var/lib/machines/web" });
    makeGeneration(host, { generation: "new", created: "2" });
    const exchange = sh`generation_exchange web new; machine_exchanged=new; echo activating >${host.at("state")}; false`;
    expect(after(exchange, { before: "old" })).toEqual([1, ["afterwards", `${again} from its old root.`]]);
    expect(text("var/lib/machines/web/which")).toBe("old");
  });

  test("an old root that cannot be put back is named, and no other one starts", () => {
    systemd("active");
    expect(after(sh`false`, { before: "gone" })).toEqual([
      1,
      ["afterwards", expect.stringContaining("its old root could not be put back: see ")],
    ]);
    expect(text("state")).toBe("inactive\n");
  });
});
