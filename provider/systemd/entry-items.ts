import { posix } from "node:path";
import { parseColonFields } from "./colon-fields";
import { parseNspawnWords, quoteNspawnWord } from "./nspawn-words";
import { type Entry, RESET } from "./settings-file";

/** One of several things that a value lists, such as a variable of `Environment=`. */
interface Item {
  /** What the same thing has in another line, whatever its value. */
  readonly name: string;
  readonly text: string;
}

/** Splits an entry's value; `undefined` if it lists nothing of the kind, or nothing that systemd could read. */
export type ItemsOf = (entry: Entry) => readonly Item[] | undefined;

/** The variables of `Environment=`. */
export const environmentItems: ItemsOf = ({ section, key, value }) => {
  if (section !== "Exec" || key !== "Environment" || value === RESET) return undefined;
  return readable(() =>
    parseNspawnWords(value).map((word) => ({ name: word.replace(/=.*/s, ""), text: quoteNspawnWord(word) })),
  );
};

/** The capabilities of `Capability=`. */
export const capabilityItems: ItemsOf = ({ section, key, value }) => {
  if (section !== "Exec" || key !== "Capability" || value === RESET) return undefined;
  const words = value.split(/[ \t]+/);
  return words.map((text) => ({ name: text.toUpperCase(), text }));
};

/** Keys of mounts, and where their values have the target. */
const TARGETS: ReadonlyMap<string, (value: string) => string | undefined> = new Map([
  ["Bind", targetOfBind],
  ["BindReadOnly", targetOfBind],
  ["TemporaryFileSystem", (value: string) => parseColonFields(value, 1).fields[0]],
  ["Inaccessible", (value: string) => value],
  ["Overlay", (value: string) => parseColonFields(value).fields.at(-1)],
  ["OverlayReadOnly", (value: string) => parseColonFields(value).fields.at(-1)],
]);

/** What is mounted inside, by its target: one target has one mount. */
export const mountItems: ItemsOf = ({ section, key, value }) => {
  const target = TARGETS.get(key);
  if (section !== "Files" || value === RESET || target === undefined) return undefined;
  return readable(() => {
    const name = posix.resolve("/", target(value) ?? "");
    return [{ name, text: value }];
  });
};

/** `SOURCE[:TARGET[:OPTIONS]]`; a source may begin with `-`, `+` or both (systemd-nspawn(1), `--bind`). */
function targetOfBind(value: string): string | undefined {
  const [source, target] = parseColonFields(value, 2).fields;
  return target || source?.replace(/^[-+]*/, "");
}

function readable(read: () => Item[]): readonly Item[] | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
