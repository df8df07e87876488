import { existsSync, utimesSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import {
  aboutMachine,
  hashOf,
  machineHost,
  manifest,
  settings,
  started,
  writeSettings,
} from "../support/machine-script";
import type { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = machineHost();
});
afterEach(() => host.remove());

const { run, holds, printed } = aboutMachine(() => host);

describe("machine_settings", () => {
  const shown = () => printed(sh`machine_settings`).replaceAll(host.directory, "");

  test("are those of the manifest that count at a start and are there, whatever their names", () => {
    host.write("/etc/a b's", "1");
    host.write("/etc/live", "2");
    host.write(
      manifest,
      `restart text ${host.at("/etc/a b's")}\nlive text ${host.at("/etc/live")}\nrestart text /gone\n`,
    );
    expect(shown()).toBe(`${hashOf("1")}  /etc/a b's`);
  });

  test("are none without a manifest", () => {
    expect(shown()).toBe("");
  });
});

describe("machine_stale", () => {
  const stale = () => holds(sh`machine_stale`);

  test("a machine that was not started by us is not stale", () => {
    writeSettings(host, "[Exec]\n");
    expect(stale()).toBe(false);
  });

  test("a machine is stale if its settings say something else than at its start", () => {
    writeSettings(host, "[Exec]\n");
    run(sh`machine_note_settings`);
    expect(stale()).toBe(false);
    writeSettings(host, "[Exec]\nBoot=yes\n");
    expect(stale()).toBe(true);
  });

  test("a file that is dated a day ahead, or years ago, does not make it stale", () => {
    writeSettings(host, "[Exec]\n");
    run(sh`machine_note_settings`);
    for (const seconds of [Date.now() / 1000 + 86400, 1000]) {
      utimesSync(host.at(settings), seconds, seconds);
      expect(stale()).toBe(false);
    }
  });

  test("a file that is gone since its start makes it stale", () => {
    writeSettings(host, "[Exec]\n");
    run(sh`machine_note_settings`);
    host.write(manifest, "");
    expect(stale()).toBe(true);
  });

  test("a machine without such files is noted too", () => {
    host.write(manifest, "");
    run(sh`machine_note_settings`);
    expect(stale()).toBe(false);
    writeSettings(host, "[Exec]\n");
    expect(stale()).toBe(true);
  });
});

describe("machine_settings_known", () => {
  test("what is there before a change is taken for what the host started it with", () => {
    writeSettings(host, "before");
    run(sh`machine_settings_known`);
    writeSettings(host, "after");
    run(sh`machine_settings_known`);
    expect(holds(sh`machine_stale`)).toBe(true);
  });

  test("the empty note of an earlier release is no note", () => {
    host.write(started, "");
    writeSettings(host, "before");
    run(sh`machine_settings_known`);
    expect(holds(sh`machine_stale`)).toBe(false);
  });

  test("nothing is noted for a machine that is being made", () => {
    run(sh`machine_settings_known`);
    expect(existsSync(host.at(started))).toBe(false);
  });
});
