const leftOut = require("./test/support/left-out.cjs");

const common = {
  testEnvironment: "<rootDir>/test/support/environment.cjs",
  transform: { "^.+\\.ts$": "@swc/jest" },
  moduleNameMapper: { "^@npmcli/arborist$|/typescript-shim$": "<rootDir>/test/support/no-closures.cjs" },
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  watchPathIgnorePatterns: ["<rootDir>/dist/"],
};

/** What needs real hosts, or sshd, or the CLI; `test/README.md` says which folder is run when. */
const onHosts = {
  ...common,
  globalSetup: "<rootDir>/test/support/setup.ts",
};

/** @type {import("jest").Config} */
module.exports = {
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/test/unit/**/*.test.ts"],
      globalSetup: "<rootDir>/test/support/unit-setup.ts",
      testPathIgnorePatterns: leftOut.map(({ path }) => `<rootDir>/${path}(?:/|$)`),
    },
    { ...onHosts, displayName: "hosts", testMatch: ["<rootDir>/test/{ssh,hosts}/**/*.test.ts"] },
    { ...onHosts, displayName: "everything", testMatch: ["<rootDir>/test/everything/**/*.test.ts"] },
  ],
  testSequencer: "<rootDir>/test/support/sequencer.cjs",
  // Hosts boot, roots are built: a deadline is there to end what hangs, not to measure.
  testTimeout: 600_000,
};
