import { join } from "node:path";

/** The project's own directory. */
export const root = join(__dirname, "..", "..");
