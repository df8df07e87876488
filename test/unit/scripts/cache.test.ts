import { homedir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "../../../scripts/tools/cache";
import { duration } from "../../../scripts/tools/log";

const former = process.env.XDG_CACHE_HOME;

afterEach(() => {
  if (former === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = former;
});

test("the cache is where the XDG specification says", () => {
  process.env.XDG_CACHE_HOME = "/cache";
  expect(cacheDirectory("pulumi", "1")).toBe("/cache/pulumi-nspawn/pulumi/1");
});

test.each(["", "relative/path"])("XDG_CACHE_HOME=%j counts as unset", (value) => {
  process.env.XDG_CACHE_HOME = value;
  expect(cacheDirectory()).toBe(join(homedir(), ".cache/pulumi-nspawn"));
});

test("durations are easy to read", () => {
  expect(duration(1234)).toBe("1.2 s");
  expect(duration(59_960)).toBe("1 min 0 s");
  expect(duration(119_800)).toBe("2 min 0 s");
  expect(duration(251_000)).toBe("4 min 11 s");
});
