const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { basename, join } = require("node:path");

/**
 * Measures the costs of a test file, if MEASURE_TESTS names a directory for them: one file of lines `WHAT AMOUNT` per
 * test file. The worker is in its own cgroup meanwhile, so that all its children count; test hosts have their own
 * cgroups, and add a line at their end.
 */
class Measurement {
  constructor(testPath) {
    this.file = join(process.env.MEASURE_TESTS, `${basename(testPath, ".test.ts")}-${process.pid}-${Date.now()}`);
    this.group = join(unified(), "pulumi-nspawn-measure", basename(this.file));
    this.started = Date.now();
    mkdirSync(process.env.MEASURE_TESTS, { recursive: true });
    mkdirSync(this.group, { recursive: true });
    writeFileSync(join(this.group, "cgroup.procs"), `${process.pid}`);
    this.add("file", testPath);
  }

  end() {
    this.add("wall-ms", Date.now() - this.started);
    this.add("cpu-us", /^usage_usec (\d+)$/m.exec(readFileSync(join(this.group, "cpu.stat"), "utf8"))[1]);
    writeFileSync(join(this.group, "..", "cgroup.procs"), `${process.pid}`);
  }

  add(what, amount) {
    appendFileSync(this.file, `${what} ${amount}\n`);
  }
}

function unified() {
  return /^\S+ (\S+) cgroup2 /m.exec(readFileSync("/proc/self/mounts", "utf8"))[1];
}

module.exports = { Measurement };
