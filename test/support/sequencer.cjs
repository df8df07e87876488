const { existsSync, readFileSync } = require("node:fs");
const { join, relative } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

const tests = join(__dirname, "..");
const file = join(tests, "costs.json");
const costs = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};

/**
 * The longest files first, by their last measured times: on a new machine jest knows no times and sorts by size, and
 * all wait for a long file that starts last.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(all) {
    const wall = ({ path }) => costs[relative(tests, path)]?.wall ?? 0;
    return super.sort(all).toSorted((a, b) => wall(b) - wall(a));
  }
};
