/**
 * Characters that act on a terminal or on the text around them instead of being seen: controls, formats (bidi, zero
 * width, tags), separators of lines, and halves of pairs, which are no characters at all.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text as it can be shown: what comes from a host or a guest may try to act on the operator's terminal. Characters that
 * are not seen are written as escapes; line breaks and tabs stay. Text that is made visible twice is the same.
 */
export function visible(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(UNSEEN, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
}
