import * as fc from "fast-check";
import { check } from "../../../provider/dynamic/check";
import { changes, label } from "../../../provider/dynamic/diff";
import { UNKNOWN } from "../../../provider/dynamic/unknown";
import { rootfsHandler } from "../../../provider/resources/debian-rootfs/rootfs-handler";
import { rootfsInputs } from "../../../provider/resources/debian-rootfs/rootfs-inputs";
import { ARCHITECTURES, SUITES } from "../../../provider/resources/debian-rootfs/rootfs-values";

const host = { connection: { host: "web1" } };
const file = fc.record(
  {
    path: fc.constantFrom("/etc/a", "/etc/b c", "/srv/d.conf"),
    content: fc.string(),
    mode: fc.constantFrom("0600", "755"),
  },
  { requiredKeys: ["path", "content"] },
);
const given = fc.record(
  {
    host: fc.constant(host),
    name: fc.constantFrom("a", "web-1", "a.b"),
    suite: fc.constantFrom(...SUITES),
    arch: fc.constantFrom(...ARCHITECTURES),
    packages: fc.array(fc.constantFrom("nginx", "g++", "libc6", "nginx")),
    components: fc.array(fc.constantFrom("main", "contrib", "non-free-firmware"), { minLength: 1 }),
    mirrors: fc.array(fc.constantFrom(" http://a.example/debian ", "deb  https://b.example/debian  bookworm   main"), {
      minLength: 1,
    }),
    files: fc.uniqueArray(file, { selector: ({ path }) => path }),
    authorizedKeys: fc.array(fc.constantFrom(" ssh-ed25519 AAAAC3Nz me ", "ssh-rsa AAAAB3Nz")),
    cache: fc.oneof(fc.boolean(), fc.record({ maxAgeDays: fc.nat({ max: 100 }) })),
    timeouts: fc.record({ create: fc.integer({ min: 1, max: 100 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: ["host", "name"] },
);

test("parsing parsed inputs changes nothing", () => {
  fc.assert(
    fc.property(given, (input) => {
      const once = rootfsInputs.parse(input);
      expect(rootfsInputs.parse(once)).toEqual(once);
    }),
  );
});

test("the order and the repetition of packages make no difference", () => {
  const parse = (packages: string[]) => rootfsInputs.parse({ host, name: "a", packages });
  expect(parse(["nginx", "bc", "nginx"])).toEqual(parse(["bc", "nginx"]));
  expect(parse(["nginx", "bc", "nginx=1.26*"]).packages).toEqual(["bc", "nginx=1.26*"]);
});

function reasons(extra: Record<string, unknown>, olds: Record<string, unknown> = {}): string[] {
  return check(rootfsHandler, olds, { host, name: "web", __urn: "urn:a", ...extra }).failures.map(
    ({ reason }) => reason,
  );
}

test.each([
  [
    { suite: "stable" },
    /^suite: "stable" will mean another release one day.*bullseye, bookworm, trixie, forky, sid\.$/,
  ],
  [{ suite: "jessie" }, /^suite: "jessie" is not a Debian release.*Known are bullseye/],
  [{ arch: "x86_64" }, /^arch: "x86_64" .*Debian calls it amd64/],
  [{ variant: "standard" }, /^variant: "standard" is not a variant: write minbase/],
  [{ name: "my_box" }, /^name: "my_box" is not a machine name.*Valid: "my-box"\.$/],
  [{ packages: ["ok", "Nginx=1.2"] }, /^packages\.1: "Nginx=1\.2" is not a package name/],
  [{ packages: ["libc6:i386"] }, /^packages\.0: "libc6:i386" is not a package name.*without an architecture/],
  [{ packages: ["nginx=1.26 *"] }, /^packages\.0: .*as in "nginx=1\.26\*"/],
  [{ packages: ["nginx=1.26*", "nginx=1.28*"] }, /^packages: two versions of "nginx" are in the list/],
  [{ mirrors: ["https://a/[debian"] }, /^mirrors\.0: "https:\/\/a\/\[debian" is not a mirror/],
  [
    { mirrors: ["deb https://a/debian trixie[ main"] },
    /^mirrors\.0: the text that begins with "deb" is not a sources\.list/,
  ],
  [{ keyring: '/usr/share/keyrings/"' }, /^keyring: .* cannot be in sources\.list\(5\)/],
  [{ mirrors: ["https://a/debian#x"] }, /^mirrors\.0: "https:\/\/a\/debian…" is not a mirror/],
  [{ mirrors: ["deb https://a/debian # main"] }, /^mirrors\.0: the text that begins with "deb" is not a/],
  [{ mirrors: ["deb https://a/debian ./ main"] }, /^mirrors\.0: the text that begins with "deb" is not a/],
  [{ mirrors: ["ftp://a/debian"] }, /^mirrors\.0: "ftp:\/\/a\/debian" is not a mirror/],
  [{ mirrors: ["deb http://a/debian"] }, /^mirrors\.0: .* is not a sources\.list entry/],
  [{ keyring: "keys.gpg" }, /^keyring: "keys\.gpg" is not an absolute path/],
  [{ hostname: "a_b" }, /^hostname: "a_b" is not a host name/],
  [{ locale: "german" }, /^locale: "german" is not a locale: write one such as de_DE\.UTF-8/],
  [{ timezone: "../../etc/passwd" }, /^timezone: .* is not a time zone/],
  [{ rootPassword: "" }, /^rootPassword: an empty password would let everyone in/],
  [{ authorizedKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }, /^authorizedKeys\.0: this is a private key/],
  [{ authorizedKeys: ["hello"] }, /^authorizedKeys\.0: "hello" is not a public key/],
  [{ files: [{ path: "etc/x", content: "" }] }, /^files\.0\.path: "etc\/x" is not an absolute path/],
  [{ files: [{ path: "/x", content: "", mode: "rw" }] }, /^files\.0\.mode: "rw" is not a mode/],
  [
    {
      files: [
        { path: "/x", content: "" },
        { path: "/x", content: "" },
      ],
    },
    /^files\.1\.path: "\/x" is in the list twice/,
  ],
  [{ cache: "no" }, /^cache: write true, false or/],
])("%j is refused with what to write instead", (extra, message) => {
  expect(reasons(extra)).toEqual([expect.stringMatching(message)]);
});

test("a password in a mirror's URL is refused without being shown, with the place where it belongs", () => {
  const [reason = ""] = reasons({ mirrors: ["https://me:s3cret@mirror.example/debian"] });
  expect(reason).toContain("/etc/apt/auth.conf.d/mirror.conf");
  expect(reason).not.toContain("s3cret");
  expect(reasons({ mirrors: ["ftp://me:s3cret@mirror.example/debian"] }).join()).not.toContain("s3cret");
});

test.each([
  [{ suite: "forky" }, "suite from trixie to forky"],
  [{ variant: "important" }, "variant from minbase to important"],
  [{ name: "other" }, "name from web to other"],
])("changing %j is refused, with what would be lost and the two alternatives", (change, words) => {
  const [reason = "", ...others] = reasons(change, rootfsInputs.parse({ host, name: "web" }));
  expect(others).toEqual([]);
  expect(reason).toContain(`changing ${words}`);
  expect(reason).toMatch(/\/var\/lib\/machines\/web would be lost.*dataLoss: "allow".*another name/);
  expect(reasons({ ...change, dataLoss: "allow" }, rootfsInputs.parse({ host, name: "web" }))).toEqual([]);
});

test("a root of the former default release is not replaced without `suite`, unless data loss is allowed", () => {
  const older = rootfsInputs.parse({ host, name: "web", suite: "bookworm" });
  expect(reasons({}, older)[0]).toContain("changing suite from bookworm to trixie makes a new root");
  expect(reasons({ suite: "bookworm" }, older)).toEqual([]);
  expect(reasons({ dataLoss: "allow" }, older)).toEqual([]);
  expect(label(changes(rootfsHandler, older, { host, name: "web" }), older)).toBe("replace: suite");
});

test("each input's change has the documented effect", () => {
  const before = rootfsInputs.parse({ host, name: "web" });
  const effect = (change: object) =>
    label(changes(rootfsHandler, before, rootfsInputs.parse({ ...before, ...change })), before);
  expect(effect({ packages: ["nginx"] })).toBe("reinstall: packages (+nginx)");
  expect(effect({ suite: "forky" })).toBe("replace: suite");
  expect(effect({ hostname: "x", files: [{ path: "/x", content: "" }] })).toBe("live: hostname, files");
  expect(
    effect({ mirrors: ["http://a.example/debian"], setup: "true", cache: false, dataLoss: "allow", adopt: true }),
  ).toBeUndefined();
  expect(effect({ arch: "arm64" })).toBe("live: arch");
});

test("the path is known in a preview, and unknown if the name is", () => {
  const paths = ["third", UNKNOWN].map((name) => check(rootfsHandler, {}, { host, name, __urn: "urn:b" }).inputs.path);
  expect(paths).toEqual(["/var/lib/machines/third", UNKNOWN]);
});
