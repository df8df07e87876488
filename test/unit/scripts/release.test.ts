import { readFileSync } from "node:fs";
import { join } from "node:path";
import { released } from "../../../scripts/release/changelog";
import { root } from "../../support/root";

const changelog = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- `Host`.\n\n## [0.1.0] - 2026-01-01\n\n- All.\n";

test("unreleased entries become the release, under a new heading for the next ones", () => {
  expect(released(changelog, "0.2.0", "2026-02-03")).toBe(
    "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n\n### Added\n\n- `Host`.\n\n## [0.1.0] - 2026-01-01\n\n- All.\n",
  );
});

test("an empty release is refused", () => {
  const once = released(changelog, "0.2.0", "2026-02-03");
  expect(() => released(once, "0.3.0", "2026-02-04")).toThrow("nothing under Unreleased");
  expect(() => released("# Changelog\n", "0.3.0", "2026-02-04")).toThrow('no line "## [Unreleased]"');
});

test("the changelog of this repository can be released", () => {
  const text = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  expect(released(text, "99.0.0", "2099-01-01")).toContain("\n## [99.0.0] - 2099-01-01\n");
});
