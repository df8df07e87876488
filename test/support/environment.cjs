const { TestEnvironment } = require("jest-environment-node");
require("./compile-once.cjs");
const { Measurement } = require("./measurement.cjs");

/** The gRPC statuses of a call whose other side is about to go. */
const [CANCELLED, UNAVAILABLE] = [1, 14];

/** The message of a call on a connection that was closed after the engine's end. */
const CLOSED = "Channel has been shut down";

/**
 * Allows rejections in Pulumi's runtime that nobody awaits when an engine ends under an inline program: a failed update
 * closes the monitor while the program may still register outputs. In its own process the program ignores such errors
 * (`isGrpcError` in the runtime's `errors.ts`), with handlers that Jest controls here. The same for a `RunError` of a
 * program: its run fails with it, and Pulumi leaves the promise of the stack's outputs rejected as well.
 */
class Environment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.testPath = context.testPath;
  }

  async setup() {
    await super.setup();
    if (process.env.MEASURE_TESTS === undefined) return;
    this.measurement = new Measurement(this.testPath);
    this.global.process.env.MEASURE_FILE = this.measurement.file;
  }

  async teardown() {
    this.measurement?.end();
    await super.teardown();
  }

  handleTestEvent(event) {
    if (event.name !== "error" || event.promise === undefined) return;
    // If a promise is handled late, Jest forgets its rejection.
    const { code, message, __pulumiRunError: isRunError } = event.error ?? {};
    const isExpected = [CANCELLED, UNAVAILABLE].includes(code) || message === CLOSED || isRunError === true;
    if (isExpected) event.promise.catch(() => undefined);
  }
}

module.exports = Environment;
