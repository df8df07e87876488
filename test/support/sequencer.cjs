const { existsSync, readFileSync } = require("node:fs");
const { join, relative } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

const tests = join(__dirname, "..");
const file = join(tests, "costs.json");
const costs = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};

/**
 * The longest files first, as they were measured last: on a new machine jest knows no times and goes by size, and one that begins last is
 * waited for by all.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(all) {
    const wall = ({ path }) => costs[relative(tests, path)]?.wall ?? 0;
    return super.sort(all).toSorted((a, b) => wall(b) - wall(a));
  }
};
