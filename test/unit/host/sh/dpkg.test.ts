import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

interface Package {
  readonly status?: string;
}

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

/** What dpkg knows of one name, once per architecture; it fails for a name that it does not know. */
function knows(...packages: readonly Package[]): void {
  const shown = packages.map(
    ({ status = "installed" }) =>
      sh`printf '%s' "$3" | sed ${`s/\${db:Status-Status}/${status}/`} | { read -r format; printf "$format"; }`.text,
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
