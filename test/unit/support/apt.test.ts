import { deb822, parseIndexTargets, reachingSettings, sourceLines } from "../../support/hosts/apt";

const targets = `https://mirror.example/debian/ bookworm main
https://mirror.example/debian/ bookworm-updates main
https://mirror.example/debian/ bookworm contrib
https://security.example/debian-security/ bookworm-security main
https://vendor.example/apt nodistro main
`;

test("the mirrors are those of the outer machine's own apt", () => {
  expect(parseIndexTargets(targets)).toEqual({
    archive: "https://mirror.example/debian",
    security: "https://security.example/debian-security",
  });
});

test("a distribution other than Debian has no mirror for us", () => {
  expect(parseIndexTargets("http://archive.example/ubuntu/ noble main\n")).toEqual({});
  expect(parseIndexTargets("")).toEqual({});
  expect(sourceLines({ settings: "" }, "trixie")).toEqual([]);
});

test("every suite is derived from the same mirrors, in both formats of sources", () => {
  const lines = sourceLines({ ...parseIndexTargets(targets), settings: "" }, "forky");
  expect(lines.map((line) => line.replace(/\[.*\] /, ""))).toEqual([
    "deb https://mirror.example/debian forky main",
    "deb https://mirror.example/debian forky-updates main",
    "deb https://security.example/debian-security forky-security main",
  ]);
  expect(deb822(lines.slice(2))).toBe(`Types: deb
URIs: https://security.example/debian-security
Suites: forky-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`);
});

test("only those settings of the outer machine that reach a mirror are taken over", () => {
  const dump = `APT::Architecture "amd64";
Acquire::http "";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::Check-Valid-Until "false";
Acquire::IndexTargets::deb::Packages::MetaKey "x";
DPkg::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";
`;
  const kept = 'Acquire::http::Proxy "http://proxy.example:3128";\nAcquire::Check-Valid-Until "false";\n';
  expect(reachingSettings(dump)).toBe(kept);
  expect(reachingSettings(dump, { http_proxy: "http://other.example" })).toBe(kept);
  expect(reachingSettings("", { https_proxy: "http://p.example" })).toBe('Acquire::https::Proxy "http://p.example";\n');
});
