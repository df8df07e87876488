import { explainBuildLog } from "../../../provider/resources/debian-rootfs/build-log";
import { rootfsInputs } from "../../../provider/resources/debian-rootfs/rootfs-inputs";

const inputs = rootfsInputs.parse({ host: { connection: { host: "web1" } }, name: "web", suite: "bookworm" });

// Lines as apt, dpkg, mmdebstrap and debootstrap print them.
const logs: readonly [string, RegExp, RegExp, RegExp][] = [
  [
    "Reading package lists...\nE: Unable to locate package no-such-thing\nE: mmdebstrap failed to run",
    /^bookworm has no package "no-such-thing" in main$/,
    /components/,
    /^E: Unable to locate package no-such-thing$/m,
  ],
  [
    "E: Package 'firmware-amd-graphics' has no installation candidate",
    /no package "firmware-amd-graphics"/,
    /components/,
    /candidate/,
  ],
  ["E: Couldn't find these debs: nope", /no package "nope"/, /apt-cache search/, /these debs/],
  [
    "Err:1 http://mirror.example/debian bookworm InRelease\n  Could not connect to mirror.example:80 (192.0.2.1). - connect (111: Connection refused)\n" +
      "W: Failed to fetch http://mirror.example/debian/dists/bookworm/InRelease  Could not connect to mirror.example:80\nE: apt-get update failed",
    /^a mirror does not answer$/,
    /host's own apt.*`mirrors`/,
    /^Err:1 http:\/\/mirror\.example/m,
  ],
  [
    "E: Failed getting release file http://mirror.example/debian/dists/bookworm/Release",
    /does not have bookworm/,
    /mirrors/,
    /E: Failed/,
  ],
  [
    "E: Release file for http://mirror.example/debian/dists/forky/InRelease is expired (invalid since 2d 3h). Updates for this repository will not be applied.",
    /out of date: http:\/\/mirror\.example\S+ has expired$/,
    /Check-Valid-Until "false"/,
    /is expired/,
  ],
  [
    "E: Release file for http://mirror.example/debian/dists/sid/InRelease is not valid yet (invalid for another 3h 2min 1s).",
    /has a date in the future/,
    /timedatectl/,
    /not valid yet/,
  ],
  [
    "E: The repository 'http://mirror.example/debian bullseye Release' does not have a Release file.",
    /the mirror does not have bookworm: http:\/\/mirror\.example\/debian bullseye Release/,
    /`mirrors`/,
    /Release file/,
  ],
  [
    "W: GPG error: http://mirror.example bookworm InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131\nE: The repository 'http://mirror.example bookworm InRelease' is not signed.",
    /not signed by a key of the keyring/,
    /`keyring`/,
    /is not signed/,
  ],
  [
    "dpkg: error processing archive /x.deb (--unpack):\n cannot copy extracted data: No space left on device",
    /ran out of disk space/,
    /make room/,
    /dpkg: error/,
  ],
  [
    "E: arm64 can neither be executed natively nor via qemu user emulation with binfmt_misc",
    /cannot run .* programs/,
    /qemu-user-static/,
    /natively/,
  ],
  [
    "E: Version '1.99*' for 'nginx' was not found",
    /do not have the version "1\.99\*" of nginx$/,
    /apt-cache policy nginx$/,
    /was not found/,
  ],
  [
    "E: pulumi-nspawn: this would also remove exim4 bsd-mailx ",
    /^apt would also remove exim4, bsd-mailx, and nothing was changed$/,
    /`packages`/,
    /would also remove/,
  ],
  [
    "E: Held packages were changed and -y was used without --allow-change-held-packages.",
    /^a package that is held would change$/,
    /apt-mark unhold/,
    /Held packages/,
  ],
  [
    "E: Unmet dependencies. Try 'apt --fix-broken install' with no packages (or specify a solution).",
    /lack others that they need$/,
    /apt-get --fix-broken install$/,
    /Unmet dependencies/,
  ],
  ["one\ntwo\nthree", /^the work on the host failed$/, /journalctl -u unit\.service$/, /^one\ntwo\nthree$/],
];

test.each(logs)("%j is explained, with what to do and the program's own lines", (log, happened, advice, details) => {
  const reported = explainBuildLog(inputs, log, "unit.service");
  expect(reported.happened).toMatch(happened);
  expect(reported.advice).toMatch(advice);
  expect(reported.details).toMatch(details);
});

test("only lines that programs mark as errors are shown, each once, and only the last of many", () => {
  const noise = Array.from({ length: 50 }, (_, index) => `Unpacking package-${index}`);
  const errors = Array.from({ length: 30 }, (_, index) => `E: error ${index % 20}`);
  const { details = "" } = explainBuildLog(inputs, [...noise, ...errors].join("\n"), "unit.service");
  expect(details.split("\n")).toHaveLength(12);
  expect(details).not.toContain("Unpacking");
});
