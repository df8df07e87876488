const vm = require("node:vm");

const { compileFunction } = vm;
/** The text of each file that was compiled in this process, with what V8 made of it. */
const compiled = new Map();

/**
 * Jest compiles every module again for every test file, which would take most of the time in which a test file loads
 * Pulumi and zod. V8 can start from its former result instead. It would accept any text of that length.
 */
vm.compileFunction = (text, parameters, options) => {
  const former = compiled.get(options.filename);
  if (former?.text === text) return compileFunction(text, parameters, { ...options, cachedData: former.cachedData });
  const made = compileFunction(text, parameters, { ...options, produceCachedData: true });
  compiled.set(options.filename, { text, cachedData: made.cachedData });
  return made;
};
