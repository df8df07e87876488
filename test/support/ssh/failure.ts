import { HostError } from "../../../provider/remote";

/** The error that a promise ends with; a promise that succeeds is the test's failure. */
export async function failureOf(promise: Promise<unknown>): Promise<HostError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}
