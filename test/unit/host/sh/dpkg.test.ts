import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

interface Package {
  readonly status?: string;
  readonly essential?: string;
  readonly priority?: string;
}

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

/** What dpkg knows of one name, once per architecture; it fails for a name that it does not know. */
function knows(...packages: readonly Package[]): void {
  const shown = packages.map(
    ({ status = "installed", essential = "no", priority = "optional" }) =>
      sh`printf '%s' "$3" | sed ${`s/\${db:Status-Status}/${status}/; s/\${Essential}/${essential}/; s/\${Priority}/${priority}/`} | { read -r format; printf "$format"; }`
        .text,
  );
  host.program(
    "dpkg-query",
    packages.length === 0 ? "echo 'dpkg-query: no packages found' >&2; exit 1" : shown.join("\n"),
  );
}

describe("package_installed", () => {
  const installed = () => host.holds(sh`package_installed libc6`);

  test.each(["installed", "config-files", "half-installed", "unpacked", "not-installed"])(
    "only what is installed completely counts: %s",
    (status) => {
      knows({ status });
      expect(installed()).toBe(status === "installed");
    },
  );

  test("a package of two architectures is installed as soon as one is", () => {
    knows({}, {});
    expect(installed()).toBe(true);
    knows({ status: "config-files" }, {});
    expect(installed()).toBe(true);
    knows({ status: "config-files" }, { status: "config-files" });
    expect(installed()).toBe(false);
  });

  test("a name that dpkg does not know is not installed, without a word", () => {
    knows();
    expect(host.ended(sh`package_installed x || echo no`)).toEqual({ status: 0, stdout: "no\n", stderr: "" });
  });

  test("a name is never an option", () => {
    knows({});
    host.holds(sh`package_installed -x`);
    expect(host.calls().join()).toMatch(/ -- -x$/);
  });
});

describe("package_removable", () => {
  const removable = (...priorities: readonly string[]) => host.holds(sh`package_removable bash ${priorities}`);

  test("what is essential stays, in whichever of its architectures", () => {
    knows({});
    expect(removable("required")).toBe(true);
    knows({ essential: "yes" });
    expect([removable("required"), removable()]).toEqual([false, false]);
    knows({ essential: "yes" }, { essential: "yes" });
    expect(removable("required")).toBe(false);
    knows({}, { essential: "yes" });
    expect(removable("required")).toBe(false);
  });

  test("what has one of the priorities stays", () => {
    knows({ priority: "important" });
    expect([removable("required"), removable("required", "important")]).toEqual([true, false]);
    knows({ priority: "optional" }, { priority: "required" });
    expect(removable("required", "important")).toBe(false);
    knows({ priority: "require" });
    expect(removable("required", "important")).toBe(true);
  });

  test("what dpkg does not say anything about stays", () => {
    knows();
    expect(removable("required")).toBe(false);
  });
});
