import { parse as parseIni } from "ini";
import { z } from "zod";

/** Each is quoted or not; `ini` makes a number of one that looks so. */
const text = z.coerce.string();

const schema = z.object({
  ID: text.default("linux"),
  PRETTY_NAME: text.default(""),
  VERSION_ID: text.default(""),
  VERSION_CODENAME: text.default(""),
});

/** What a system says about itself in os-release(5); `versionId` is empty for testing and sid. */
export interface OsRelease {
  readonly id: string;
  readonly prettyName: string;
  readonly versionId: string;
  readonly codename: string;
}

/** Reads os-release(5); what is not in it is empty, and its `ID` "linux". */
export function osReleaseOf(file: string): OsRelease {
  const { ID, PRETTY_NAME, VERSION_ID, VERSION_CODENAME } = schema.safeParse(parseIni(file)).data ?? schema.parse({});
  return { id: ID, prettyName: PRETTY_NAME, versionId: VERSION_ID, codename: VERSION_CODENAME };
}
