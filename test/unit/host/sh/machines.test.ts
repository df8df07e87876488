import { existsSync, mkdirSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import {
  aboutMachine,
  dependents,
  hashOf,
  machineHost,
  marker,
  settings,
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

const { run, holds, printed, text, called } = aboutMachine(() => host);

/** A leader whose process is there. */
const leader = (pid: string) => mkdirSync(host.at(`proc/${pid}/root/run/dbus`), { recursive: true });

/** What `ip -o addr` prints of links. */
function addresses(...lines: readonly (readonly [link: string, address: string])[]): void {
  const shown = lines.map(
    ([link, address], index) =>
      `${index + 2}: ${link}    ${address.includes(":") ? "inet6" : "inet"} ${address} scope global ${link}`,
  );
  host.program("nsenter", sh`printf '%s\n' ${shown}`.text);
}

describe("machine_active", () => {
  test("a machine is active if systemd says so of its unit", () => {
    expect(holds(sh`machine_active`)).toBe(true);
    expect(host.calls()).toEqual([`systemctl -q is-active ${unit}`]);
  });

  test("a machine is not active if systemd says no", () => {
    host.program("systemctl", "exit 3");
    expect(holds(sh`machine_active`)).toBe(false);
  });
});

describe("machine_marker_field", () => {
  test("a field is read from the marker of the machine", () => {
    host.write(marker, '{"owner":"me and you","complete":"yes","root":"web","urn":"urn:x"}');
    expect(printed(sh`machine_marker_field owner`)).toBe("me and you");
    expect(printed(sh`machine_marker_field urn`)).toBe("urn:x");
    expect(printed(sh`machine_marker_field wner`)).toBe("");
  });

  test("a machine without a marker has no fields", () => {
    expect(printed(sh`machine_marker_field owner`)).toBe("");
  });
});

describe("machine_journal", () => {
  test("the journal of the last start is shown, of systemd too", () => {
    host.program("systemctl", "echo 0a1b");
    host.program("journalctl", "echo one line");
    expect(printed(sh`machine_journal 40`)).toBe("one line");
    expect(host.calls()).toEqual([
      `systemctl show -p InvocationID --value ${unit}`,
      "journalctl -q --no-pager -o cat -n 40 _SYSTEMD_INVOCATION_ID=0a1b + INVOCATION_ID=0a1b _PID=1",
    ]);
  });

  test("a unit that has never started has no journal, and that is no failure", () => {
    expect(holds(sh`machine_journal all`)).toBe(true);
    expect(called("journalctl")).toEqual([]);
  });
});

describe("machine_journal_written", () => {
  test("journald is asked to write what it has, in limited time", () => {
    host.program("timeout", `echo "limit $1" >>${host.at("limits")}; shift; "$@"`);
    expect(holds(sh`machine_journal_written`)).toBe(true);
    expect(called("journalctl")).toEqual(["journalctl --sync"]);
    expect(text("limits")).toBe("limit 20\n");
  });

  test("a journald that does not answer ends nothing", () => {
    host.program("journalctl", "exit 1");
    expect(holds(sh`machine_journal_written`)).toBe(true);
  });
});

describe("machine_at_rest", () => {
  test.each(["inactive", "failed", "unknown"])("a unit that is %s counts as at rest", (state) => {
    host.program("systemctl", sh`echo ${state}; exit 3`.text);
    expect(holds(sh`machine_at_rest`)).toBe(true);
  });

  test.each(["active", "activating", "deactivating", "reloading"])(
    "a unit that is %s counts as not at rest",
    (state) => {
      host.program("systemctl", sh`echo ${state}`.text);
      expect(holds(sh`machine_at_rest`)).toBe(false);
    },
  );

  test("a unit that systemd says nothing of counts as not at rest", () => {
    host.program("systemctl", "exit 1");
    expect(holds(sh`machine_at_rest`)).toBe(false);
  });
});

/** Units that require another, which systemctl knows by these words for each; it has those of `inactive` at rest. */
function units(requiredBy: Readonly<Record<string, string>>, inactive: readonly string[] = []): void {
  const cases = Object.entries(requiredBy).map(
    ([name, by]) => sh`*${` -- ${name}`}) printf '%s\n' ${by.split(" ")} ;;`,
  );
  host.program(
    "systemctl",
    `case $* in
  '-q is-active -- '*) case " ${inactive.join(" ")} " in *" $4 "*) exit 3 ;; esac ;;
  'show '*) case $* in ${cases.map(({ text }) => text).join("\n")} esac ;;
esac`,
  );
}

describe("machine_note_dependents", () => {
  const noted = (name = unit) =>
    printed(sh`machine_dependents=
machine_note_dependents ${name}
printf '%s\n' "$machine_dependents"`);

  test("a unit that nothing requires has no dependents", () => {
    expect(noted()).toBe("");
    expect(host.calls()).toEqual([`systemctl show -p RequiredBy -p BoundBy --value -- ${unit}`]);
  });

  test("units that require one of the dependents are dependents too, each once", () => {
    units({ [unit]: "a.service b.service", "a.service": "c.service b.service", "b.service": "c.service d.socket" });
    expect(noted()).toBe(" a.service c.service b.service d.socket");
  });

  test("units that require each other are noted once", () => {
    units({ [unit]: "a.service", "a.service": "b.service", "b.service": "a.service" });
    expect(noted()).toBe(" a.service b.service");
  });

  test("one that does not run is left out, with those that require it", () => {
    units({ [unit]: "a.service b.service", "a.service": "c.service" }, ["a.service"]);
    expect(noted()).toBe(" b.service");
  });

  test("names that begin with a hyphen or hold a backslash are names", () => {
    units({ [unit]: "-.mount", "-.mount": "srv-a\\x2db.mount" });
    expect(noted()).toBe(" -.mount srv-a\\x2db.mount");
  });

  test("a name that is part of a noted one is noted", () => {
    units({ [unit]: "my-a.service a.service" });
    expect(noted()).toBe(" my-a.service a.service");
  });
});

describe("machine_start_dependents", () => {
  test("nothing is started where nothing was noted", () => {
    expect(run(sh`machine_start_dependents`)).toEqual([]);
    expect(host.calls()).toEqual([]);
  });

  test("what was noted is started at once, and forgotten", () => {
    host.write(dependents, " a.service -.mount\n b.service\n");
    expect(run(sh`machine_start_dependents`)).toEqual([]);
    expect(host.calls()).toEqual(["systemctl start -- a.service -.mount b.service"]);
    expect(existsSync(host.at(dependents))).toBe(false);
  });

  test("dependents that do not start are a warning, and are forgotten", () => {
    host.program("systemctl", "exit 1");
    host.write(dependents, " a.service b.service\n");
    const warning = "these units stopped with the machine web, and do not start again: a.service b.service";
    expect(
      run(sh`machine_start_dependents
answer after`),
    ).toEqual([
      { key: "warning", values: [warning] },
      { key: "after", values: [] },
    ]);
    expect(existsSync(host.at(dependents))).toBe(false);
  });
});

describe("machine_stop", () => {
  /** Without the questions about units. */
  const done = () => host.calls().filter((call) => !/ show | is-active /.test(call));

  test("a machine that nothing requires is stopped, and nothing is noted", () => {
    run(sh`machine_stop`);
    expect(done()).toEqual([`systemctl stop ${unit}`, `systemctl reset-failed ${unit}`]);
    expect(existsSync(host.at(dependents))).toBe(false);
  });

  test("what stops with a machine is noted before it does, also when it is stopped twice", () => {
    units({ [unit]: "a.service" });
    run(sh`machine_stop`);
    expect(text(dependents)).toBe(" a.service\n");
    const order = host.calls().map((call) => call.split(" ")[1]);
    expect(order).toEqual(["show", "-q", "show", "stop", "reset-failed"]);
    units({ [unit]: "b.service" });
    run(sh`machine_dependents=' old.service'; machine_stop`);
    expect(text(dependents)).toBe(" a.service b.service\n");
  });

  test("a machine that does not stop is killed", () => {
    host.program("systemctl", "case $1 in stop) exit 1 ;; esac");
    run(sh`machine_stop`);
    expect(done()).toEqual([
      `systemctl stop ${unit}`,
      `systemctl kill -s KILL --kill-whom=all ${unit}`,
      `systemctl reset-failed ${unit}`,
    ]);
  });

  test("a script continues if nothing of it succeeds", () => {
    host.program("systemctl", "case $1 in stop | kill | reset-failed) exit 1 ;; esac");
    expect(
      run(sh`machine_stop
answer after`),
    ).toEqual([{ key: "after", values: [] }]);
  });
});

/** A systemctl whose `start` fails for the first times. */
const startFails = (times: number) =>
  host.program(
    "systemctl",
    `case $1 in
  show) echo 0a1b ;;
  reset-failed) exit 1 ;;
  start) [ "$(grep -c '^systemctl start ' "\${0%/bin/*}/calls")" -gt ${times} ] ;;
esac`,
  );

/** What the kernel mounted at these places in systemd-nspawn's directory. */
const mounted = (...places: readonly string[]) =>
  host.write(
    "proc/self/mountinfo",
    places.map((place) => `36 25 0:90 / /run/systemd/nspawn/${place} ro shared:9 - tmpfs tmpfs rw\n`).join(""),
  );

describe("machine_mount_left", () => {
  test.each(["unix-export/web", "web/unix-export"])("the mount %s is the machine's", (place) => {
    mounted("unix-export/web-2", place, "unix-export/my-web");
    expect(holds(sh`machine_mount_left`)).toBe(true);
  });

  test("mounts of machines with similar names are not its mount", () => {
    mounted("unix-export/web-2", "unix-export/my-web", "web.example/unix-export", "unix-export/weba");
    expect(holds(sh`machine_mount_left`)).toBe(false);
    mounted();
    expect(holds(sh`machine_mount_left`)).toBe(false);
  });
});

describe("machine_start", () => {
  const starts = () => called("systemctl").filter((call) => call.startsWith("systemctl start "));

  test("a unit that starts is noted as started, with its settings as they are", () => {
    writeSettings(host, "[Exec]\n");
    expect(holds(sh`machine_start`)).toBe(true);
    expect(host.calls()).toEqual([`systemctl reset-failed ${unit}`, `systemctl start ${unit}`]);
    expect(text(started)).toBe(`${hashOf("[Exec]\n")}  ${host.at(settings)}\n`);
  });

  test("a start is noted again, for settings that changed since the last one", () => {
    writeSettings(host, "before");
    run(sh`machine_start`);
    writeSettings(host, "after");
    expect(holds(sh`machine_stale`)).toBe(true);
    expect(holds(sh`machine_start; ! machine_stale`)).toBe(true);
  });

  test("what was known of the machine before is known no more", () => {
    expect(printed(sh`machine_pid=7 machine_state=running; machine_start; echo "<$machine_pid$machine_state>"`)).toBe(
      "<>",
    );
  });

  test("a start that cannot be noted is a failure", () => {
    host.write("run/pulumi-nspawn/started", "no directory");
    expect(run(sh`if machine_start; then answer never; fi`).map(({ values: [code] }) => code)).toEqual(["not-written"]);
  });

  test("a unit that does not start is a failure, and is not started again", () => {
    startFails(1);
    expect(holds(sh`machine_start`)).toBe(false);
    expect(starts()).toHaveLength(1);
    expect(existsSync(host.at(started))).toBe(false);
  });

  test("a unit that finds a mount left behind is started once more, whatever the journal says", () => {
    startFails(1);
    mounted("unix-export/web");
    expect(holds(sh`machine_start`)).toBe(true);
    expect(starts()).toHaveLength(2);
    expect(called("journalctl")).toEqual([]);
    expect(existsSync(host.at(started))).toBe(true);
  });

  test("a unit that starts over a mount left behind is started once", () => {
    mounted("unix-export/web");
    expect(holds(sh`machine_start`)).toBe(true);
    expect(starts()).toHaveLength(1);
  });

  test("a unit that does not start then either is a failure", () => {
    startFails(2);
    mounted("unix-export/web");
    expect(holds(sh`machine_start`)).toBe(false);
    expect(starts()).toHaveLength(2);
    expect(existsSync(host.at(started))).toBe(false);
  });
});

test("machine_known_no_more forgets the leader and the state", () => {
  expect(
    printed(sh`machine_pid=7 machine_state=running; machine_known_no_more; echo "<$machine_pid$machine_state>"`),
  ).toBe("<>");
});

describe("machine_find_leader", () => {
  const found = (pid: string) => printed(sh`machine_pid=${pid}; machine_find_leader; echo "$machine_pid"`);

  test("a leader that is not known is asked for", () => {
    host.program("machinectl", "echo 42");
    expect(found("")).toBe("42");
    expect(host.calls()).toEqual(["machinectl show web -p Leader --value"]);
  });

  test("one that is known and there is not asked for again", () => {
    leader("7");
    expect(found("7")).toBe("7");
    expect(host.calls()).toEqual([]);
  });

  test("one that is gone is asked for again", () => {
    host.program("machinectl", "echo 42");
    expect(found("7")).toBe("42");
  });

  test("a machine that systemd does not know has none", () => {
    expect(holds(sh`machine_find_leader`)).toBe(false);
    expect(holds(sh`machine_pid=7; machine_find_leader || [ -n "$machine_pid" ]`)).toBe(false);
  });
});

describe("machine_ask_state", () => {
  const state = () => printed(sh`machine_state=old; machine_ask_state; echo "$machine_state"`);

  test("the state is what the systemd inside says, also where that is a failure", () => {
    host.program("systemctl", "echo degraded; exit 1");
    expect(state()).toBe("degraded");
    expect(host.calls()).toEqual(["systemctl -M web is-system-running"]);
  });

  test("the state of a machine that cannot be asked is empty", () => {
    host.program("systemctl", "echo 'Failed to connect to bus' >&2; exit 1");
    expect(state()).toBe("");
  });
});

test("a state that no systemd has is not shown", () => {
  host.program("systemctl", "echo 'running; and the host says hello'");
  expect(printed(sh`machine_ask_state; echo "$machine_state"`)).toBe("");
});

describe("machine_failed_units", () => {
  test("prints names, and nothing else of what the machine says", () => {
    host.program("systemctl", "printf '%s\\n' 'a@b-c.service loaded failed failed A b' 'sys-\\x2d.mount x' 'it'\\''s'");
    expect(printed(sh`machine_failed_units`)).toBe("a@b-c.service sys-\\x2d.mount it ");
    expect(host.calls()).toEqual(["systemctl -M web list-units --failed --no-legend --plain"]);
  });
});

describe("machine_complaints", () => {
  test("only lines of systemd-nspawn itself count, which journald tells apart", () => {
    host.program("systemctl", "echo 0a1b");
    host.program("journalctl", "printf '%s\\n' 'Unknown key' '/etc/systemd/nspawn/web.nspawn:3: Unknown key'");
    expect(printed(sh`machine_complaints`)).toBe("/etc/systemd/nspawn/web.nspawn:3: Unknown key");
    expect(host.calls()).toContain(
      "journalctl -q --no-pager -o cat _SYSTEMD_INVOCATION_ID=0a1b _TRANSPORT=journal _COMM=systemd-nspawn",
    );
  });
});

describe("machine_complaints_about", () => {
  const complaints = [3, 13].map((line) => `web.nspawn:${line}: Unknown key`).join("\n");
  const about = (which: string, numbers: string) =>
    printed(sh`printf '%s\n' ${`${complaints}\nweb.nspawn: odd`} | machine_complaints_about ${which} ${numbers}`);

  test("separates lines of the program from those that the file had, and takes what has no line for the program's", () => {
    expect(about("ours", "3 4")).toBe("web.nspawn:3: Unknown key\nweb.nspawn: odd");
    expect(about("others", "3 4")).toBe("web.nspawn:13: Unknown key");
    expect(about("others", "")).toBe(complaints);
  });
});

describe("machine_find_state", () => {
  test("a state that is known is not asked for again", () => {
    expect(printed(sh`machine_state=running; machine_find_state; echo "$machine_state"`)).toBe("running");
    expect(host.calls()).toEqual([]);
  });

  test("one that is not known is asked for", () => {
    host.program("systemctl", "echo starting; exit 1");
    expect(printed(sh`machine_find_state; echo "$machine_state"`)).toBe("starting");
  });
});

describe("machines_ask", () => {
  const ask = (script: Script) => printed(sh`machines_ask; ${script}; machines_asked`);
  const say = (name: string) =>
    sh`machine_name=${name}; machine_known_no_more; machine_find_state; echo "<$machine_state>"`;

  beforeEach(() => {
    const units = "systemd-nspawn@web.service loaded active running x\nsystemd-nspawn@my-db.service loaded active\n";
    host.program(
      "systemctl",
      sh`case $* in list-units*) printf %s ${units} ;; '-M web'*) echo running ;; *) exit 1 ;; esac`.text,
    );
  });

  test("asks all machines that run at once, and none of them again", () => {
    expect(ask(sh`${say("web")}; ${say("my-db")}; ${say("stopped")}`)).toBe("<running>\n<>\n<>");
    const calls = called("systemctl").sort();
    expect(calls).toEqual([
      "systemctl -M my-db is-system-running",
      "systemctl -M web is-system-running",
      "systemctl list-units --plain --no-legend --state=active systemd-nspawn@*.service",
    ]);
  });

  test("a machine is asked by itself afterwards", () => {
    expect(ask(sh`:`)).toBe("");
    expect(printed(sh`machines_ask; machines_asked; ${say("web")}`)).toBe("<running>");
    expect(called("systemctl").filter((call) => call.includes("-M web"))).toHaveLength(3);
  });
});

describe("machine_links", () => {
  test("each address is a line, IPv4 first, then in the order of the links", () => {
    addresses(["host1", "fd00::3/64"], ["host1", "10.42.2.3/24"], ["host0", "fd00::2/64"], ["host0", "10.42.1.2/24"]);
    expect(printed(sh`machine_pid=7; machine_links`).split("\n")).toEqual([
      "host0 10.42.1.2",
      "host1 10.42.2.3",
      "host0 fd00::2",
      "host1 fd00::3",
    ]);
    expect(host.calls()).toEqual(["nsenter -t 7 -n ip -o addr show scope global"]);
  });

  test("the addresses of one link stay in their order", () => {
    addresses(["host0", "10.42.1.9/24"], ["host0", "10.42.1.2/24"]);
    expect(printed(sh`machine_links`)).toBe("host0 10.42.1.9\nhost0 10.42.1.2");
  });

  test("no more of them are printed than anybody needs", () => {
    const many = Array.from({ length: 100 }, (_, index) => ["host0", `10.42.1.${index}/24`] as const);
    addresses(...many);
    expect(printed(sh`machine_links`).split("\n")).toHaveLength(64);
  });

  test("interfaces that the machine made itself are left out", () => {
    addresses(
      ["docker0", "172.17.0.1/16"],
      ["host0", "10.42.1.2/24"],
      ["ghost0", "10.9.9.9/8"],
      ["host0x", "10.9.9.8/8"],
    );
    expect(printed(sh`machine_links`)).toBe("host0 10.42.1.2");
  });

  test("a machine that is gone has no links, and that is no failure", () => {
    host.program("nsenter", "echo 'No such process' >&2; exit 1");
    expect(printed(sh`machine_links`)).toBe("");
  });
});

test("machine_addresses prints the addresses of the links, and not the links", () => {
  addresses(["host0", "fd00::2/64"], ["host0", "10.42.1.2/24"]);
  expect(printed(sh`machine_addresses`)).toBe("10.42.1.2\nfd00::2");
});

describe("machine_networked", () => {
  beforeEach(() => {
    host.program("machinectl", "echo 42");
    addresses(["host0", "10.42.1.2/24"], ["host1", "10.42.2.30/24"], ["host2", "fd00::2/64"]);
  });

  test.each([
    ["a link with the address that it shall have", ["host0=10.42.1.2"]],
    ["a link with any IPv4 address", ["host1="]],
    ["a link with an IPv6 address that it shall have", ["host2=fd00::2"]],
    ["all of several links", ["host0=10.42.1.2", "host1=", "host2=fd00::2"]],
    ["no link, where none is expected", []],
  ])("a machine is networked with %s", (_, links) => {
    expect(holds(sh`machine_networked ${links}`)).toBe(true);
  });

  test.each([
    ["a link has another address", ["host0=10.42.1.3"]],
    ["a link has an address that only begins so", ["host1=10.42.2.3"]],
    ["a link has only an IPv6 address where any IPv4 one will do", ["host2="]],
    ["a link is not there", ["host3="]],
    ["one of several links has no address yet", ["host0=10.42.1.2", "host3=10.42.3.2", "host1="]],
    ["another link has the address", ["host1=10.42.1.2"]],
  ])("a machine is not networked where %s", (_, links) => {
    expect(holds(sh`machine_networked ${links}`)).toBe(false);
  });

  test("a machine without a leader is not networked", () => {
    host.program("machinectl", "exit 1");
    expect(holds(sh`machine_networked host0=10.42.1.2`)).toBe(false);
    expect(called("nsenter")).toEqual([]);
  });
});

/** A systemctl that shows this as the status of the unit, and this as the state of the system inside. */
const status = (shown: string, state: string) =>
  host.program(
    "systemctl",
    sh`case $* in show*StatusText*) echo ${shown} ;; *is-system-running) echo ${state} ;; esac`.text,
  );

describe("machine_booted", () => {
  const booted = (ticks = 0) => holds(sh`machine_ticks=${ticks}; machine_booted`);
  const asked = () => called("systemctl").filter((call) => call.includes("is-system-running")).length;

  test.each(["Container running: Ready.", "Container running: Startup finished in 2.1s."])(
    "a machine whose unit says %j is asked, and has booted if it runs",
    (shown) => {
      status(shown, "running");
      expect(booted()).toBe(true);
      status(shown, "degraded");
      expect(booted()).toBe(true);
      status(shown, "starting");
      expect(booted()).toBe(false);
      status(shown, "");
      expect(booted()).toBe(false);
      expect(asked()).toBe(4);
    },
  );

  test.each(["", "Container running.", "Container running: Starting Ready. service"])(
    "a machine whose unit says %j is asked each tenth time only",
    (shown) => {
      status(shown, "running");
      expect([0, 1, 8, 10].map(booted)).toEqual([false, false, false, false]);
      expect(asked()).toBe(0);
      expect([9, 19].map(booted)).toEqual([true, true]);
      expect(asked()).toBe(2);
    },
  );
});

describe("machine_interface", () => {
  const links = (link: string, shown: string) =>
    host.program(
      "ip",
      sh`[ "$*" = ${`-o link show dev ${link}`} ] || { echo 'does not exist' >&2; exit 1; }; echo ${shown}`.text,
    );

  test("the interface is the veth of the machine", () => {
    links("ve-web", "5: ve-web@if2: <BROADCAST,MULTICAST,UP> mtu 1500");
    expect(printed(sh`machine_interface`)).toBe("ve-web");
  });

  test("it is the one in a bridge, where there is no other", () => {
    links("vb-web", "12: vb-web@if2: <BROADCAST,MULTICAST,UP> mtu 1500");
    expect(printed(sh`machine_interface`)).toBe("vb-web");
  });

  test("a long name is the alternative one of an interface with a name of its own", () => {
    links("ve-web", "5: ve-weA1b2: <BROADCAST> mtu 1500\\    altname ve-web");
    expect(printed(sh`machine_interface`)).toBe("ve-weA1b2");
  });

  test("a machine without a link has no interface, and that is no failure", () => {
    host.program("ip", "exit 1");
    expect(printed(sh`machine_interface`)).toBe("");
  });
});

describe("machine_reached", () => {
  const reached = (level: string) =>
    holds(sh`machine_ticks=0 machine_expected='host0=10.42.1.2 host1='; machine_reached ${level}`);

  test("a machine whose unit has started is started", () => {
    expect(reached("started")).toBe(true);
    expect(host.calls()).toEqual([]);
  });

  test("a machine without a leader has not booted", () => {
    status("Container running: Ready.", "running");
    expect(reached("booted")).toBe(false);
  });

  test("a machine has booted if its systemd says so", () => {
    host.program("machinectl", "echo 42");
    status("Container running: Ready.", "running");
    expect(reached("booted")).toBe(true);
    status("Container running: Ready.", "starting");
    expect(reached("booted")).toBe(false);
  });

  test("a machine is networked with all links that are expected, each a word", () => {
    host.program("machinectl", "echo 42");
    addresses(["host0", "10.42.1.2/24"]);
    expect(reached("networked")).toBe(false);
    addresses(["host0", "10.42.1.2/24"], ["host1", "10.42.2.9/24"]);
    expect(reached("networked")).toBe(true);
  });
});

/** A clock that stands, but for each `sleep`, which also does this. */
function clock(sleep = ""): void {
  host.write("proc/uptime", "1000.58 4000.12\n");
  host.program(
    "sleep",
    `cd "\${0%/bin/*}"; read -r now rest <proc/uptime; now=\${now%.*}; echo "$((now + 1)).58 4000.12" >proc/uptime; ${sleep}`,
  );
}

/** The links of the machine are there once a file is. */
const linksWith = (file: string) =>
  host.program(
    "nsenter",
    sh`[ ! -e ${host.at(file)} ] || echo '2: host0    inet 10.42.1.2/24 scope global host0'`.text,
  );

describe("machine_wait", () => {
  const waited = (level: string, deadline = 1010) =>
    printed(sh`machine_why=none machine_expected=host0=
if machine_wait ${level} ${deadline}; then echo "reached after $machine_ticks"; else echo "$machine_why after $machine_ticks"; fi`);

  beforeEach(() => host.program("machinectl", "echo 42"));

  test("a level that is reached is not waited for", () => {
    clock();
    expect(waited("started", 0)).toBe("reached after 0");
    expect(host.calls()).toEqual([]);
  });

  test("a level is waited for until it is reached", () => {
    clock('[ "$now" -lt 1002 ] || : >up');
    linksWith("up");
    expect(waited("networked")).toBe("reached after 3");
  });

  test("a machine that is not there in time is a failure that says so", () => {
    clock();
    expect(waited("networked", 1004)).toBe("it was not networked in time after 4");
  });

  test("a machine that stopped is a failure that says so, before its time is over", () => {
    clock();
    host.program("machinectl", "exit 1");
    host.program("systemctl", "exit 3");
    expect(waited("networked")).toBe("it stopped before it was networked after 0");
    expect(waited("booted")).toBe("it stopped before it was booted after 0");
  });

  test("a unit that is active without a leader is waited for", () => {
    clock();
    host.program("machinectl", "exit 1");
    expect(waited("booted", 1002)).toBe("it was not booted in time after 2");
  });

  test("systemd is not asked about the unit while the leader is there", () => {
    clock('[ "$now" -lt 1001 ] || rm -r proc/42');
    leader("42");
    host.program("systemctl", "exit 3");
    expect(waited("networked")).toBe("it stopped before it was networked after 2");
    expect(called("systemctl")).toEqual([`systemctl -q is-active ${unit}`]);
  });

  test("the wait of another level begins again", () => {
    clock();
    expect(printed(sh`machine_ticks=9; machine_wait started 0; echo "$machine_ticks"`)).toBe("0");
  });
});

describe("machine_bring_up", () => {
  const broughtUp = (seconds: number, ...levels: readonly string[]) =>
    run(sh`machine_expected=host0=
if machine_bring_up ${seconds} ${levels}; then answer up; else answer down "$machine_why"; fi`);
  const progress = (what: string) => ({ key: "progress", values: [what] });

  beforeEach(() => {
    clock();
    host.program("machinectl", "echo 42");
    host.write(dependents, " a.service\n");
  });

  test("a machine is started, waited for level by level, and its dependents are started after it", () => {
    addresses(["host0", "10.42.1.2/24"]);
    expect(broughtUp(5, "started", "networked")).toEqual([
      progress("starting"),
      progress("waiting until started"),
      progress("waiting until networked"),
      { key: "up", values: [] },
    ]);
    const calls = host.calls().filter((call) => /^(?:systemctl start|nsenter) /.test(call));
    expect(calls.map((call) => call.split(" -").at(0))).toEqual([
      `systemctl start ${unit}`,
      "nsenter",
      "systemctl start",
    ]);
    expect(calls.at(-1)).toBe("systemctl start -- a.service");
  });

  test("a unit that does not start is a failure, and nothing is waited for", () => {
    host.program("systemctl", "case $1 in start) exit 1 ;; esac");
    expect(broughtUp(5, "started")).toEqual([
      progress("starting"),
      { key: "down", values: ["its unit did not start"] },
    ]);
    expect(existsSync(host.at(dependents))).toBe(true);
  });

  test("a level that is not reached within the seconds is a failure; no other is waited for, no dependent started", () => {
    expect(broughtUp(3, "networked", "booted")).toEqual([
      progress("starting"),
      progress("waiting until networked"),
      { key: "down", values: ["it was not networked in time"] },
    ]);
    expect(text("proc/uptime")).toBe("1003.58 4000.12\n");
    expect(existsSync(host.at(dependents))).toBe(true);
  });

  test("all levels share the seconds", () => {
    clock('[ "$now" -lt 1001 ] || : >up');
    linksWith("up");
    expect(broughtUp(3, "networked", "booted").at(-1)).toEqual({ key: "down", values: ["it was not booted in time"] });
    expect(text("proc/uptime")).toBe("1003.58 4000.12\n");
  });
});

describe("machine_answer", () => {
  const answered = () => run(sh`machine_answer`).map(({ key, values }) => [key, ...values]);
  const systemctl = (active: string, enabled: string, invocation = "0123abcd") =>
    host.program(
      "systemctl",
      sh`case $* in
  is-active*) echo ${active}; [ ${active} = active ] ;;
  is-enabled*) [ -n ${enabled} ] || exit 1; echo ${enabled} ;;
  *is-system-running) echo degraded; exit 1 ;;
  'show -p InvocationID'*) echo ${invocation} ;;
esac`.text,
    );

  test("of a machine that does not run its unit is answered", () => {
    systemctl("inactive", "enabled");
    expect(answered()).toEqual([
      ["active", "web", "inactive"],
      ["enabled", "web", "enabled"],
    ]);
    expect(called("machinectl")).toEqual([]);
  });

  test("a unit that systemd does not know is not enabled", () => {
    systemctl("inactive", "");
    expect(answered()).toEqual([
      ["active", "web", "inactive"],
      ["enabled", "web", ""],
    ]);
  });

  test("of a machine without a leader no more is answered", () => {
    systemctl("active", "disabled");
    expect(answered()).toEqual([
      ["active", "web", "active"],
      ["enabled", "web", "disabled"],
    ]);
  });

  test("of a machine that runs its state, leader, boot, interface and addresses are answered", () => {
    systemctl("active", "enabled");
    host.program("machinectl", "echo 42");
    host.program("ip", "echo '5: ve-web@if2: <UP>'");
    addresses(["host0", "fd00::2/64"], ["host0", "10.42.1.2/24"]);
    expect(answered()).toEqual([
      ["active", "web", "active"],
      ["enabled", "web", "enabled"],
      ["system-state", "web", "degraded"],
      ["leader", "web", "42"],
      ["boot-id", "web", "0123abcd"],
      ["interface", "web", "ve-web"],
      ["address", "web", "10.42.1.2"],
      ["address", "web", "fd00::2"],
    ]);
  });

  test("what a machine that runs does not tell is empty", () => {
    systemctl("active", "enabled", "");
    host.program("machinectl", "echo 42");
    host.program("ip", "exit 1");
    host.program("nsenter", "exit 1");
    expect(answered().slice(4)).toEqual([
      ["boot-id", "web", ""],
      ["interface", "web", ""],
    ]);
  });
});
