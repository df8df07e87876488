const Sequencer = require("@jest/test-sequencer").default;

/**
 * The longest files, the longest first: on a new machine jest knows no times and goes by size, and one that begins last is waited
 * for by all.
 */
const LONGEST = [
  "e2e/veth",
  "e2e/machine",
  "e2e/machine-access",
  "e2e/demo",
  "e2e/tutorial",
  "e2e/examples",
  "e2e/dev-box",
  "e2e/bridge",
  "e2e/provision",
  "package/install",
  "e2e/jobs",
  "e2e/replacement",
  "e2e/mounts",
  "e2e/team",
  "e2e/local",
  "e2e/rootfs",
  "e2e/rootfs-btrfs",
  "e2e/adoption",
  "e2e/veth-managers",
  "hosts/hosts",
  "e2e/veth-firewalls",
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONGEST.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
      return index < 0 ? LONGEST.length : index;
    };
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
};
