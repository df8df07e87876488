import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

/** What systemd 257 and 262 say while they reload for somebody else. */
const BUSY = [
  "Failed to reload network settings: Already reloading.",
  "Failed to call io.systemd.Network.Reload varlink method: io.systemd.Network.AlreadyReloading",
];
const DENIED = "Failed to reload network settings: Access denied";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ networkctl: "", systemctl: "", sleep: "" });
});
afterEach(() => host.remove());

/** A networkctl that fails in these words for the first times. */
const fails = (words: string, times: number) =>
  host.program(
    "networkctl",
    sh`[ "$(grep -c '^networkctl ' ${host.at("calls")})" -gt ${times} ] || { echo ${words} >&2; exit 1; }`.text,
  );
const reloads = () => host.calls().filter((call) => call === "networkctl reload").length;

describe("networkd_try", () => {
  /** How a call ends that may try so many times: `none` if it succeeds, else why not. */
  const tried = (attempts: number) =>
    host.printed(
      sh`networkd_why=none; if networkd_try ${attempts}; then echo "ok $networkd_why"; else echo "$networkd_why"; fi`,
    );

  test("a reload that succeeds is done once", () => {
    expect(tried(3)).toBe("ok ");
    expect(host.calls()).toEqual(["networkctl reload"]);
  });

  test.each(BUSY)("a reload is tried again while networkd says: %s", (words) => {
    fails(words, 2);
    expect(tried(3)).toBe("ok ");
    expect(reloads()).toBe(3);
  });

  test("no more attempts are made than it may make, and the reason is what networkd said", () => {
    fails(BUSY.join("\n"), 99);
    expect(tried(3)).toBe(BUSY.join("\n"));
    expect(reloads()).toBe(3);
  });

  test("any other failure is one at once, also after it was tried again", () => {
    fails(DENIED, 99);
    expect(tried(3)).toBe(DENIED);
    expect(reloads()).toBe(1);
  });
});

describe("networkd_reload", () => {
  test("a reload is done, and nothing is answered", () => {
    fails(BUSY[0] ?? "", 1);
    expect(host.run(sh`networkd_reload`)).toEqual([]);
    expect(reloads()).toBe(2);
  });

  test("a script that asks again after its reload has it done again", () => {
    expect(host.run(sh`networkd_reload; networkd_reload`)).toEqual([]);
    expect(reloads()).toBe(2);
  });

  test("a failure is a refusal with the reason", () => {
    fails(DENIED, 99);
    expect(host.run(sh`networkd_reload; answer after`)).toEqual([
      { key: "refused", values: ["networkd-reload", DENIED] },
    ]);
  });
});

describe("networkd_forget", () => {
  test("networkd that runs reads its files again", () => {
    expect(host.run(sh`networkd_forget`)).toEqual([]);
    expect(host.calls()).toEqual(["systemctl -q is-active systemd-networkd.service", "networkctl reload"]);
  });

  test("networkd that does not run is let be, and that is no failure", () => {
    host.program("systemctl", "exit 3");
    expect(host.run(sh`networkd_forget; answer after`)).toEqual([{ key: "after", values: [] }]);
    expect(reloads()).toBe(0);
  });

  test("networkd that runs and does not reload is a refusal", () => {
    fails(DENIED, 99);
    expect(host.run(sh`networkd_forget; answer after`)).toEqual([
      { key: "refused", values: ["networkd-reload", DENIED] },
    ]);
  });
});

describe("networkd_settle", () => {
  const restarts = () => host.calls().filter((call) => call === "systemctl restart systemd-networkd.service").length;

  test("networkd that reloads is not restarted", () => {
    fails(BUSY[0] ?? "", 2);
    expect(host.run(sh`networkd_settle`)).toEqual([]);
    expect(restarts()).toBe(0);
  });

  test("networkd that does not reload is restarted, at once or when it has been busy for long", () => {
    fails(DENIED, 99);
    expect(host.run(sh`networkd_settle`)).toEqual([]);
    expect(restarts()).toBe(1);
    fails(BUSY[0] ?? "", 999);
    host.run(sh`networkd_settle`);
    expect(restarts()).toBe(1);
  });

  test("networkd that does not start again ends the script", () => {
    fails(DENIED, 99);
    host.program("systemctl", "exit 1");
    expect(() => host.run(sh`networkd_settle; answer after`)).toThrow("exit status 1");
  });
});
