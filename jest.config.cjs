/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "<rootDir>/test/environment.cjs",
  transform: { "^.+\\.ts$": "@swc/jest" },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  watchPathIgnorePatterns: ["<rootDir>/dist/"],
  testSequencer: "<rootDir>/test/sequencer.cjs",
  globalSetup: "<rootDir>/test/setup.ts",
  // Hosts boot, roots are built: a deadline is there to end what hangs, not to measure.
  testTimeout: 600_000,
  // Most of a test is waiting for a host.
  maxWorkers: 3,
};
