import { z } from "zod";

const UNITS = ["", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const SIZE = /^(\d+|\d+\.\d+(?=\s*[KMGTP]))\s*(?:([KMGTP])(?:iB)?)?$/;

/** A number of bytes, or digits with a unit of 1024: `2GiB`, `512M`. */
export type Size = string | number;

/**
 * Bytes of a size. systemd's K, M, G, T and P are powers of 1024, with or without `iB`. `GB` is ambiguous and refused
 * (systemd.resource-control(5)).
 */
export function bytesOf(size: Size): number | undefined {
  if (typeof size === "number") return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  const match = SIZE.exec(size.trim());
  if (match === null) return undefined;
  const power = match[2] === undefined ? 0 : "KMGTP".indexOf(match[2]) + 1;
  const bytes = Math.round(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** The shortest exact spelling: `2GiB`, or plain digits if no unit divides the number. */
export function formatSize(bytes: number): string {
  const power = UNITS.findLastIndex((_unit, index) => bytes % 1024 ** index === 0);
  return `${bytes / 1024 ** Math.max(power, 0)}${UNITS[Math.max(power, 0)]}`;
}

/** A size, normalised to its shortest spelling. */
export const sizeSchema = z.union([z.string(), z.number()]).transform((size, context) => {
  const bytes = bytesOf(size);
  if (bytes !== undefined) return formatSize(bytes);
  context.addIssue({
    code: "custom",
    message: `${JSON.stringify(size)} is not a size: write bytes, or a number with a unit as in "512MiB" or "2GiB".`,
  });
  return z.NEVER;
});
