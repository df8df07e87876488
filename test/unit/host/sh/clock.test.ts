import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ date: "exit 1" }, ["/proc"]);
});
afterEach(() => host.remove());

describe("clock_read", () => {
  test.each([
    ["0.02 0.01", "0"],
    ["86399.99 1234.50", "86399"],
  ])("after %s seconds of uptime it is %s", (uptime, seconds) => {
    host.write("proc/uptime", `${uptime}\n`);
    expect(host.printed(sh`clock_read; echo "$clock_seconds"`)).toBe(seconds);
  });
});
