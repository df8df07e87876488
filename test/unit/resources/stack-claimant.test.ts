import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const urnOf = (stack: string, project: string, name = "box") =>
  `urn:pulumi:${stack}::${project}::pulumi-nodejs:dynamic/nspawn:DebianRootfs::${name}`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stack-claimant-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** What a process with this backend answers; `undefined` is one that only its login says. */
function claimantWith(backend: string | undefined, urn = urnOf("dev", "team")): string {
  const { env } = process;
  process.env = { ...env, PULUMI_HOME: directory, PULUMI_BACKEND_URL: backend ?? "" };
  try {
    let found = "";
    jest.isolateModules(() => {
      const {
        stackClaimant,
      }: typeof import("../../../provider/resources/stack-claimant") = require("../../../provider/resources/stack-claimant");
      found = stackClaimant(urn);
    });
    return found;
  } finally {
    process.env = env;
  }
}

test("each stack has a claimant of its own, whatever its resources are called", () => {
  const backend = "s3://state";
  const claimants = [urnOf("dev", "team"), urnOf("prod", "team"), urnOf("dev", "other")].map((urn) =>
    claimantWith(backend, urn),
  );
  expect(new Set(claimants).size).toBe(3);
  for (const claimant of claimants) expect(claimant).toMatch(/^[a-z0-9]{16}$/);
  expect(claimantWith(backend, urnOf("dev", "team", "another"))).toBe(claimants[0]);
});

test("two people with the same names whose state is in different places have different claimants", () => {
  const places = ["s3://one", "s3://two", "file:///home/one", "file:///home/two"];
  expect(new Set(places.map((place) => claimantWith(place))).size).toBe(places.length);
});

test("without a backend in the environment, the login of the CLI decides", () => {
  writeFileSync(join(directory, "credentials.json"), JSON.stringify({ current: "s3://one", accessTokens: {} }));
  expect(claimantWith(undefined)).toBe(claimantWith("s3://one"));
  writeFileSync(join(directory, "credentials.json"), "{");
  expect(claimantWith(undefined)).not.toBe(claimantWith("s3://one"));
});
