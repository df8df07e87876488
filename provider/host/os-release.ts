import { parse as parseIni } from "ini";
import { z } from "zod";

const schema = z.object({
  PRETTY_NAME: z.coerce.string().default(""),
  VERSION_ID: z.coerce.string().default(""),
  VERSION_CODENAME: z.coerce.string().default(""),
});

/** What a root says about itself in os-release(5); `versionId` is empty for testing and sid. */
export interface OsRelease {
  readonly prettyName: string;
  readonly versionId: string;
  readonly codename: string;
}

/** Reads os-release(5). */
export function osReleaseOf(text: string): OsRelease {
  const found = schema.safeParse(parseIni(text));
  const { PRETTY_NAME = "", VERSION_ID = "", VERSION_CODENAME = "" } = found.data ?? {};
  return { prettyName: PRETTY_NAME, versionId: VERSION_ID, codename: VERSION_CODENAME };
}
