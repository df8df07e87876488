const Module = require("node:module");
const path = require("node:path");

/**
 * Loaded first in each process of a program or provider (NODE_OPTIONS): what Pulumi serialises functions with, and its
 * Automation API, take two thirds of the time in which such a process starts, and none of it is used there.
 */
const instead = path.join(__dirname, "no-closures.cjs");
const { _resolveFilename: resolve } = Module;
Module._resolveFilename = function (request, parent, ...rest) {
  const isSerialiser = /^@npmcli\/arborist$|\/typescript-shim$/.test(request);
  const isAutomation = request === "./automation" && /@pulumi.pulumi.index\.js$/.test(parent?.filename);
  return isSerialiser || isAutomation ? instead : resolve.call(this, request, parent, ...rest);
};
