import { customisationChange, packageChange } from "../../../provider/resources/debian-rootfs/root-plans";
import { rootfsInputs } from "../../../provider/resources/debian-rootfs/rootfs-inputs";

const inputs = (more: object) => rootfsInputs.parse({ host: { connection: { host: "web1" } }, name: "web", ...more });

/** A root that was made with these inputs, and has what they ask for. */
function made(more: Record<string, unknown>, installed: readonly string[]) {
  return {
    ...inputs(more),
    generation: "g",
    owner: "me",
    machineId: "m",
    architecture: "amd64",
    builtWith: "mmdebstrap",
    cacheKey: "k",
    osRelease: { prettyName: "Debian", versionId: "13", codename: "trixie" },
    installedPackages: Object.fromEntries(installed.map((name) => [name, "1"])),
  };
}

test("packages that are no longer listed are removed, and missing ones are installed", () => {
  const state = made({ packages: ["nginx", "vim"] }, ["nginx", "vim"]);
  expect(packageChange(state, inputs({ packages: ["vim", "nginx"] }))).toBeUndefined();
  expect(packageChange(state, inputs({ packages: ["vim", "git"] }))).toEqual({
    wanted: ["git", "vim"],
    listed: ["git", "vim"],
    unwanted: ["nginx"],
    former: ["nginx", "vim"],
    pins: [],
  });
  expect(packageChange(made({ packages: ["vim"] }, []), inputs({ packages: ["vim"] }))).toMatchObject({
    wanted: ["vim"],
    unwanted: [],
  });
});

test("a package that a setting needs stays when it is no longer listed, and when the setting is removed", () => {
  const locale = "de_DE.UTF-8";
  const state = made({ packages: ["locales"], locale }, ["locales"]);
  expect(packageChange(state, inputs({ locale }))).toBeUndefined();
  expect(packageChange(made({ locale }, ["locales"]), inputs({}))).toBeUndefined();
  expect(packageChange(made({}, []), inputs({ locale }))).toMatchObject({
    wanted: ["locales"],
    listed: [],
    unwanted: [],
  });
});

test("a version is a change of its own: when it comes, when it changes, and when it is taken away", () => {
  const pins = (before: string[], after: string[]) =>
    packageChange(made({ packages: before }, ["nginx"]), inputs({ packages: after }))?.pins;
  expect(pins(["nginx"], ["nginx=1.26*"])).toEqual(["nginx=1.26*"]);
  expect(pins(["nginx=1.26*"], ["nginx=1.28*"])).toEqual(["nginx=1.28*"]);
  expect(pins(["nginx=1.26*"], ["nginx"])).toEqual([]);
  expect(pins(["nginx=1.26*"], ["nginx=1.26*", "nginx"])).toBeUndefined();
});

test("a removed input gets its default back, and one that stays is left alone", () => {
  const state = made(
    {
      hostname: "web",
      locale: "C",
      timezone: "Europe/Berlin",
      rootPassword: "x",
      authorizedKeys: [],
    },
    [],
  );
  expect(customisationChange(state, inputs({ hostname: "web", locale: "C" }))).toEqual({
    timezone: "Etc/UTC",
    rootPassword: null,
    authorizedKeys: [],
  });
});
