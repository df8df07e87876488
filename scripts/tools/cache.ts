import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where downloads and builds are kept between runs (XDG Base Directory Specification: a relative path counts as unset).
 */
export function cacheDirectory(...parts: string[]): string {
  const xdg = process.env.XDG_CACHE_HOME;
  const root = xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache");
  return join(root, "pulumi-nspawn", ...parts);
}
