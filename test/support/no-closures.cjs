const { name } = require("../../package.json");

/**
 * In place of a module that Pulumi loads to serialise functions. A state of this package holds none, and the two of
 * them, TypeScript and npm's arborist, take most of the time in which a test file loads Pulumi.
 */
module.exports = new Proxy(
  {},
  {
    get(_, property) {
      if (property === "__esModule") return false;
      throw new Error(`${name} serialises no functions: ${String(property)}`);
    },
  },
);
