import fc from "fast-check";

/** Pieces with a meaning to some program, among some that have none. */
const PIECES = [
  ..." \t\n\r\0'\"\\`$%#;=:[]{}()*?!,|&<>~^@/-._",
  ...["\x01", "\x0b", "\x1b", "\x7f", "\x85", "\u00a0", "\u00ad", "\u200b", "\u2028", "\u2029", "\u202e", "\u3000"],
  ...["\ufeff", "\ufffd", "\ud800", "\udfff", "ä", "e\u0301", "😀", "a", "B", "0", "9", "ab", "no", "=="],
  ...[
    "%%",
    "%i",
    "%h",
    "%n",
    "$$",
    "$a",
    "${",
    "${HOME}",
    "$(id)",
    "\\n",
    "\\x41",
    "\\u00e9",
    "\\\n",
    "\\\\",
    "''",
    '""',
  ],
  ...["--", "-o", "-n", "..", "/..", "//", "://", " #", "\t;", "\n[Exec]\n", "\nHost *\n", "\r\n", " \\", "@revoked "],
];

/** A long run of one piece: more than the buffers of old programs. */
const long = fc
  .tuple(fc.constantFrom("a", " ", "\\", "%", "ä", '"', "'"), fc.integer({ min: 500, max: 9000 }))
  .map(([piece, length]) => piece.repeat(length));

/** One of the samples with a piece put in, put in place of another, or left out. */
function mutated(samples: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.nat(60), fc.nat(3), fc.constantFrom(...PIECES, ""))
    .map(([sample, at, removed, piece]) => {
      const place = at % (sample.length + 1);
      return sample.slice(0, place) + piece + sample.slice(place + removed);
    });
}

/**
 * Text for a writer that takes any: quotes, escapes, line ends, characters that are not seen, halves of pairs, long
 * runs; and texts close to the samples, which are values that it takes.
 */
export function hostileText(...samples: readonly string[]): fc.Arbitrary<string> {
  const sharp = fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 12 });
  const near = samples.length === 0 ? [] : [{ weight: 120, arbitrary: mutated(samples) }];
  const exact = samples.length === 0 ? [] : [{ weight: 20, arbitrary: fc.constantFrom(...samples) }];
  return fc.oneof(
    { weight: 120, arbitrary: sharp },
    { weight: 40, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
    { weight: 20, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
    ...near,
    ...exact,
    { weight: 1, arbitrary: long },
  );
}

/** Paths, most of them below a directory. */
export function hostilePath(directory: string): fc.Arbitrary<string> {
  const text = hostileText("projects", "a b", "100%", "x/y", "c:\\d");
  return fc.oneof(
    { weight: 9, arbitrary: text.map((name) => `${directory}/${name}`) },
    { weight: 1, arbitrary: text },
    { weight: 1, arbitrary: fc.integer({ min: 250, max: 260 }).map((length) => `${directory}/${"a".repeat(length)}`) },
  );
}
