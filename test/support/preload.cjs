const Module = require("node:module");
const path = require("node:path");

/**
 * Loaded first in each process of a program or provider (NODE_OPTIONS): what Pulumi serialises functions with takes half
 * of the time in which such a process starts, and no resource of this package has any.
 */
const instead = path.join(__dirname, "no-closures.cjs");
const { _resolveFilename: resolve } = Module;
Module._resolveFilename = function (request, ...rest) {
  const isSerialiser = /^@npmcli\/arborist$|\/typescript-shim$/.test(request);
  return isSerialiser ? instead : resolve.call(this, request, ...rest);
};
