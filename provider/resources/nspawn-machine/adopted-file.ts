import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { renderNspawnFile } from "../../systemd/nspawn-file";
import type { Entry } from "../../systemd/settings-file";
import { parseSettings } from "../../systemd/settings-parser";

/** What a machine had when it was adopted, and which inputs the program gives. Everything else stays as it was. */
export const adoptedSchema = z.strictObject({
  /** Its `.nspawn` file; empty if it had none. */
  text: z.string(),
  running: z.boolean(),
  autostart: z.boolean(),
  given: z.array(z.string()),
});
export type Adopted = z.infer<typeof adoptedSchema>;

/**
 * The `.nspawn` file of an adopted machine: its own entries, with those that inputs own (`owned`) replaced by the
 * program's. If that changes nothing, the text stays the same; if there is nothing to write, there is no file.
 */
export function adoptedFile(text: string, owned: readonly string[], ours: readonly Entry[]): string | undefined {
  const before = entriesOf(text);
  const kept = before.filter(
    ({ section, key }) => !owned.includes(`${section}.${key}`) && !owned.includes(`${section}.*`),
  );
  const wanted = [...kept, ...ours];
  if (isDeepStrictEqual(byKey(wanted), byKey(before))) return text === "" ? undefined : text;
  return wanted.length === 0 ? undefined : renderNspawnFile(withLink(wanted));
}

function entriesOf(text: string): Entry[] {
  return parseSettings(text).flatMap(({ name, entries }) =>
    entries.map(([key, value]) => ({ section: name, key, value })),
  );
}

/** Values in their order; the order of keys means nothing to systemd. */
function byKey(entries: readonly Entry[]): Map<string, Entry["value"][]> {
  const found = new Map<string, Entry["value"][]>();
  for (const { section, key, value } of entries) {
    const name = `${section}.${key}`;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

/**
 * Before systemd 250, a file without a network key removes CAP_NET_ADMIN (systemd issue 12313), so the unit's own is
 * written.
 */
function withLink(entries: readonly Entry[]): Entry[] {
  if (entries.some(({ section }) => section === "Network")) return [...entries];
  return [...entries, { section: "Network", key: "VirtualEthernet", value: "yes" }];
}
