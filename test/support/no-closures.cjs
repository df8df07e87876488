const { name } = require("../../package.json");

/**
 * In place of a module that Pulumi loads and this package does not use, such as those that serialise functions: a state
 * of this package holds none, and TypeScript and npm's arborist take most of the time in which a test file loads Pulumi.
 */
module.exports = new Proxy(
  {},
  {
    get(_, property) {
      if (property === "__esModule") return false;
      throw new Error(`${name} does not use ${String(property)}`);
    },
  },
);
