import { effectOf, UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { explainFailedJob } from "../../../provider/resources/provision/failed-provision";
import { inspectionOf } from "../../../provider/resources/provision/inspection";
import { provisionHandler } from "../../../provider/resources/provision/provision-handler";
import { redactor } from "../../../provider/resources/provision/provision-plan";

const base = { host: { connection: { host: "web1" } }, name: "web", machine: "web@1", rootfs: "web@2" };
const checked = (more: object = {}) => check(provisionHandler, {}, { ...base, ...more });
const refusals = (more: object) => checked(more).failures.map(({ reason }) => reason);
const line = (...[key = "", ...values]: string[]) =>
  JSON.stringify([key, ...values.map((value) => Buffer.from(value).toString("base64"))]);

test("what check returned passes check unchanged", () => {
  const { inputs, failures } = checked({
    users: [{ name: "alice", groups: ["video", "audio", "video"] }, { name: "root" }],
    files: [{ path: "/etc/motd", content: "x" }],
    repositories: [
      { user: "alice", url: "git@example.com:team/site.git" },
      { user: "alice", url: "https://example.com/x", directory: "~/src/x/", depth: 1 },
    ],
    steps: [{ name: "build", run: "make" }],
  });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({
    users: [
      {
        name: "alice",
        group: "alice",
        home: "/home/alice",
        shell: "/bin/bash",
        groups: ["audio", "video"],
        sudo: false,
      },
      { name: "root", home: "/root" },
    ],
    files: [{ mode: "0644", owner: "root", group: "root" }],
    repositories: [{ directory: "site", blobless: false }, { directory: "src/x" }],
    steps: [{ as: "root", when: "changed", environment: {}, secrets: [] }],
    secrets: {},
  });
  expect(check(provisionHandler, {}, inputs).inputs).toEqual(inputs);
});

test("every input has an effect: a new root or machine is worked in again, a changed secret is recorded", () => {
  const effects = Object.entries(provisionHandler.inputs.shape).map(([key, schema]) => [
    key,
    effectOf(key, schema, undefined, {}),
  ]);
  expect(Object.fromEntries(effects)).toEqual({
    host: "state",
    credentials: "state",
    name: "replace",
    machine: "live",
    rootfs: "live",
    users: "live",
    files: "live",
    repositories: "live",
    steps: "live",
    secrets: "state",
    timeouts: "state",
  });
});

test.each([
  [{ users: [{ name: "Alice" }] }, /users\.0\.name: "Alice" is not the name of a user/],
  [{ users: [{ name: "alice" }, { name: "alice" }] }, /users\.1\.name: "alice" is in the list twice/],
  [{ users: [{ name: "a", uid: 70_000 }] }, /users\.0\.uid: a machine has user IDs up to 65533/],
  [{ users: [{ name: "a", shell: "/bin/x:y" }] }, /users\.0\.shell: "\/bin\/x:y" is not allowed in passwd/],
  [
    { users: [{ name: "a", authorizedKeys: ["nonsense"] }] },
    /users\.0\.authorizedKeys\.0: "nonsense" is not a public key/,
  ],
  [{ users: [{ name: "a", authorizedKeysFrom: [{ url: "https://x/y", sha256: "abc" }] }] }, /is not a SHA-256 hash/],
  [{ users: [{ name: "a", authorizedKeysFrom: [{ url: "file:///y", sha256: "0".repeat(64) }] }] }, /is not a URL/],
  [{ files: [{ path: "etc/motd", content: "" }] }, /files\.0\.path: "etc\/motd" is not an absolute path/],
  [{ repositories: [{ user: "a", url: "https://me:pw@x/y" }] }, /password in the URL would end up in the clone/],
  [{ repositories: [{ user: "a", url: "--upload-pack=x" }] }, /is not a repository URL/],
  [{ repositories: [{ user: "a", url: "https://x/y", directory: "../y" }] }, /"\.\.\/y" is not a directory/],
  [{ repositories: [{ user: "a", url: "https://x/y", branch: "-f" }] }, /"-f" is not the name of a branch/],
  [
    { repositories: [{ user: "a", url: "ssh://x/y", deployKey: "key" }], secrets: { other: "x" } },
    /repositories\.0\.deployKey: there is no secret "key" in `secrets`\. Known are: other/,
  ],
  [{ steps: [{ name: "a/b", run: "x" }] }, /steps\.0\.name: "a\/b" is not the name of a step/],
  [{ steps: [{ name: "a", run: {} }] }, /steps\.0\.run: a step runs a shell script/],
  [{ steps: [{ name: "a", run: [] }] }, /steps\.0\.run: a step runs a shell script/],
  [{ steps: [{ name: "a", run: "x", when: "always" }] }, /steps\.0\.when: write once, changed or start/],
  [{ steps: [{ name: "a", run: "x", secrets: ["t"] }] }, /steps\.0\.secrets: there is no secret "t".*Known are: none/],
  [
    { steps: [{ name: "a", run: "x", when: "start", secrets: ["t"] }], secrets: { t: "x" } },
    /"a" also runs without Pulumi.*\/run\/credentials\/@system/,
  ],
])("%j is refused with its path", (more, message) => {
  expect(refusals(more).join("\n")).toMatch(message);
});

test("a refusal never repeats a secret", () => {
  expect(refusals({ secrets: { token: "hunter2\0" }, users: [{ name: "Alice" }] }).join()).not.toContain("hunter2");
  expect(refusals({ repositories: [{ user: "a", url: "ftp://me:hunter2@x/y" }] }).join()).not.toContain("hunter2");
});

test("unknown values pass", () => {
  expect(refusals({ rootfs: UNKNOWN, users: [{ name: "alice", authorizedKeys: UNKNOWN }], secrets: UNKNOWN })).toEqual(
    [],
  );
});

test("two resources of one program cannot have one user or file of one machine, but can of two", () => {
  const twice = { users: [{ name: "twice" }] };
  expect(refusals({ ...twice, __urn: "urn:a" })).toEqual([]);
  expect(refusals({ ...twice, name: "other", __urn: "urn:b" })).toEqual([]);
  expect(refusals({ ...twice, __urn: "urn:c" }).join()).toMatch(
    /the user "twice" in the machine "web" .* claimed by urn:a/,
  );
});

test("secrets are redacted in what is shown: whole, and each line that is long enough", () => {
  const redact = redactor({ token: "hunter2", key: "-----BEGIN\nabcdefgh\n}\n", tiny: "ab" });
  expect(redact("a hunter2, ab } and abcdefgh of -----BEGIN")).toBe("a [secret], ab } and [secret] of [secret]");
});

test("a secret that contains another one is redacted whole", () => {
  expect(redactor({ user: "alice", password: "alice-hunter2" })("login alice-hunter2 of alice")).toBe(
    "login [secret] of [secret]",
  );
});

test("the answers of a machine count only for the machine itself", () => {
  const inside = [
    line("result", "build", "2", "no hunter2"),
    line("drift", "/etc/motd", "missing"),
    line("machine-id", "x"),
    line("looked"),
    "chatter",
  ];
  const answers = [{ key: "provision", values: ["me", "web", "running", inside.join("\n")] }];
  expect(inspectionOf(answers, "me", redactor({ a: "hunter2" }))).toEqual({
    state: "running",
    results: { build: { status: 2, output: "no [secret]" } },
    drift: { "/etc/motd": "missing" },
    warnings: [],
  });
  expect(inspectionOf(answers, "other", redactor({}))).toBeUndefined();
});

test("a step that was cut off has no result, and a machine whose answers are incomplete is silent", () => {
  const told = (...inside: string[]) => [{ key: "provision", values: ["me", "web", "running", inside.join("\n")] }];
  const cutOff = line("result", "build", "running", "");
  expect(inspectionOf(told(cutOff, line("looked")), "me", redactor({}))).toMatchObject({
    state: "running",
    results: {},
  });
  expect(inspectionOf(told(cutOff), "me", redactor({}))).toMatchObject({ state: "silent" });
});

const place = { attempted: 'work in the machine "web"', host: "root@web1:22" };
const guest = (text: string) => text.replaceAll(/^/gm, "guest| ");
const failure = (...log: string[]) =>
  explainFailedJob(
    place,
    { ok: false, cancelled: false, rebooted: false, killed: undefined, log: log.join("\n"), unit: "u.service" },
    redactor({ t: "hunter2" }),
  ).message;

test("an error names the step, how it ended and the end of its output, without secrets", () => {
  const text = failure(
    guest("pulumi-nspawn: build"),
    guest(line("failed", "build", "2", "make: *** hunter2\nError 2")),
  );
  expect(text).toMatch(
    /could not work in the machine "web" on root@web1:22: the step "build" ended with exit status 2\./,
  );
  expect(text).toMatch(/resumes at this step.*\n {2}make: \*\*\* \[secret\]\n {2}Error 2$/s);
});

test("an error of the work itself says what to do, or shows what was printed", () => {
  expect(failure(guest(line("refused", "no-package", "git", "repositories")))).toMatch(
    /repositories needs the package git.*Add it to `packages`/,
  );
  expect(failure(guest("useradd: UID 1500 is not unique"), guest(line("refused", "user-failed", "alice")))).toMatch(
    /the user "alice" could not be set up as requested.*\n {2}useradd: UID 1500 is not unique$/s,
  );
  expect(failure(guest("pulumi-nspawn: looking"), "sh: out of memory")).toMatch(
    /did not finish.*\n {2}sh: out of memory$/s,
  );
});

test("work inside has no word in what the host says", () => {
  const disk = "pulumi-nspawn-disk: 0 100 100 ext4 /dev/a /";
  expect(failure(guest(line("refused", "locked", "box")))).toMatch(/it did not finish/);
  expect(failure(line("refused", "locked", "box"))).toMatch(/other work in the machine holds its lock/);
  expect(failure(guest(`No space left on device\n${disk}`))).toMatch(/the host ran out of disk space/);
  expect(failure(guest("No space left on device"), disk)).toMatch(/\/dev\/a, ext4\) is full/);
  expect(failure(line("failed", "build", "2", "x"))).toMatch(/it did not finish/);
});

test("a machine in which other work runs is busy, and its drift is not known", () => {
  const text = [line("busy"), line("result", "build", "0", "x"), line("looked")].join("\n");
  const answers = [{ key: "provision", values: ["me", "web", "running", text] }];
  expect(inspectionOf(answers, "me", redactor({}))).toMatchObject({ state: "busy", results: { build: { status: 0 } } });
});
