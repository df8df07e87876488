const { TestEnvironment } = require("jest-environment-node");
const { Measurement } = require("./measurement.cjs");

/** Statuses of gRPC by which a call tells that the other side is about to go. */
const [CANCELLED, UNAVAILABLE] = [1, 14];

/** What a call says on a connection that was closed after the engine's end. */
const CLOSED = "Channel has been shut down";

/**
 * Lets Pulumi's runtime reject what nobody waits for when an engine ends under an inline program: a failed update closes the monitor while
 * the program may still register outputs. In a process of its own the program passes over such errors (`isGrpcError` in the runtime's
 * `errors.ts`), by handlers that Jest has in its own hands here.
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
    // Whoever handles a promise late has Jest forget its rejection.
    const { code, message } = event.error ?? {};
    if ([CANCELLED, UNAVAILABLE].includes(code) || message === CLOSED) event.promise.catch(() => undefined);
  }
}

module.exports = Environment;
