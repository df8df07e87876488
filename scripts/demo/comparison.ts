/** Everything that the demo creates has one of these in its name. */
const OURS = /mydebian|pulumi|nspawn|\bve-|io\.systemd\.nat/;

/**
 * Compares two snapshots of a host and describes the result.
 *
 * @throws if something of the demo's was left behind or lost; on a host with no other work, if anything differs.
 */
export function compare(before: readonly string[], after: readonly string[], live: boolean): string {
  const different = [...only(before, after, "-"), ...only(after, before, "+")];
  const ours = live ? different.filter((line) => OURS.test(line)) : different;
  if (ours.length > 0) throw new Error(`the host differs:\n${ours.join("\n")}`);
  const same = before.length - only(before, after, "-").length;
  const counted = `${same} files, units, nftables rules and mounts are the same`;
  if (different.length === 0) return counted;
  return `${counted}; these changed in the meantime, and do not belong to the demo:\n${different.join("\n")}`;
}

function only(lines: readonly string[], others: readonly string[], sign: string): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line)).map((line) => `  ${sign} ${line}`);
}
