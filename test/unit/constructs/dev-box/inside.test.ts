import { aptFiles, aptStep, environmentFile, gitConfigFile } from "../../../../constructs/dev-box/box-files";
import { expectBoxArgs } from "../../../../constructs/dev-box/box-inputs";
import { placeOf } from "../../../../constructs/dev-box/box-network";
import { dotfilesStep } from "../../../../constructs/dev-box/dotfiles";
import { hookSteps } from "../../../../constructs/dev-box/hooks";
import { provisionInputs } from "../../../../provider/resources/provision/provision-inputs";

const box = { host: "web1", user: { name: "al" } };
const common = { as: "alice", environment: { A: "1" } };

test("hooks are steps in their order: text runs in a shell, lists run without one, objects run in parallel", () => {
  const hooks = {
    postStart: "service x start",
    onCreate: ["make", "a b"],
    postCreate: { one: "false; true", two: ["true"] },
  };
  const steps = hookSteps(hooks, { ...common, cwd: "src" }, ["token"]);
  expect(steps).toEqual([
    { ...common, cwd: "src", name: "onCreate", run: ["make", "a b"], when: "changed", secrets: ["token"] },
    {
      ...common,
      cwd: "src",
      name: "postCreate",
      run: { one: "set +e\nfalse; true", two: ["true"] },
      when: "changed",
      secrets: ["token"],
    },
    { ...common, cwd: "src", name: "postStart", run: "set +e\nservice x start", when: "start", secrets: [] },
  ]);
  expect(provisionInputs.shape.steps.safeParse(steps).success).toBe(true);
});

test("other dotfiles are another step, and their names are no part of its script", () => {
  const run = (more: object) => dotfilesStep({ url: "https://x/$(reboot)", ...more }, ".dotfiles", common).run;
  expect(run({})).not.toEqual(run({ branch: "main" }));
  expect(run({})).not.toEqual(run({ script: "setup" }));
  expect(run({ script: "setup" })).toEqual([
    "sh",
    "-e",
    "-c",
    expect.any(String),
    "dotfiles",
    "setup",
    "https://x/$(reboot)",
    "",
  ]);
});

const source = {
  name: "tool",
  url: "https://x/debian",
  suite: "stable",
  components: ["main"],
  key: "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n",
  packages: ["tool"],
};

test("an apt source has its key in a file, and its packages are installed when it changes", () => {
  expect(aptFiles(source)).toEqual([
    { path: "/etc/apt/keyrings/devbox-tool.asc", content: source.key },
    {
      path: "/etc/apt/sources.list.d/devbox-tool.sources",
      content:
        "Types: deb\nURIs: https://x/debian\nSuites: stable\nComponents: main\nSigned-By: /etc/apt/keyrings/devbox-tool.asc\n",
    },
  ]);
  expect(aptStep(source)[0]?.run).toEqual(expect.arrayContaining(["tool", "https://x/debian stable main"]));
  expect(aptStep({ ...source, packages: [] })).toEqual([]);
});

test.each([
  [{ name: "../x" }, /"\.\.\/x" is not the name of an apt source/],
  [{ key: "AAAA" }, /aptSources.0.key: this is not an ASCII-armored public key/],
  [{ url: "deb.example.com/debian" }, /aptSources.0.url: .* is not the URL of an apt source/],
  [{ components: [] }, /aptSources.0.components: a suite needs at least one/],
  [{ suite: "./" }, /aptSources.0.components: .* needs `components: \[\]`/],
  [{ suite: "trixie\ud800" }, /aptSources.0.suite: .* is not allowed in an apt source/],
  [{ url: "https://x\nTrusted: yes" }, /aptSources.0.url: .* is not allowed in an apt source/],
])("an apt source with %j is refused", (more, message) => {
  expect(() => expectBoxArgs("a", { ...box, aptSources: [{ ...source, ...more }] })).toThrow(message);
});

test("an environment that pam_env would read differently is refused", () => {
  expect(environmentFile({ A: "b c", D: "it's" })).toEqual([{ path: "/etc/environment", content: "A=b c\nD=it's\n" }]);
  expect(environmentFile({})).toEqual([]);
  for (const value of ["a\nB=c", "a#b", "'a'", " a", "a ", "a\\", "a\ud800"]) {
    expect(() => expectBoxArgs("a", { ...box, environment: { A: value } })).toThrow(
      /the value of A is not allowed in \/etc\/environment/,
    );
  }
});

test("a git identity is quoted as git reads it", () => {
  expect(gitConfigFile({ name: 'Al "x" \\', email: "a@x" })).toEqual([
    { path: "/etc/gitconfig", content: '[user]\n\tname = "Al \\"x\\" \\\\"\n\temail = "a@x"\n' },
  ]);
});

test.each(["a\nb", "a\ud800"])("a git identity that git would read differently is refused: %j", (name) => {
  expect(() => expectBoxArgs("a", { ...box, git: { name, email: "a@x" } })).toThrow(/git.name: .* has a line break/);
});

test("the network of a single box is derived from its name", () => {
  expect(placeOf("alice")).toEqual(placeOf("alice"));
  expect(placeOf("alice")).not.toEqual(placeOf("bob"));
  expect(placeOf("alice").subnet).toMatch(/^10\.(1[2-9]\d|2\d\d)\.\d+\.\d+\/28$/);
});
