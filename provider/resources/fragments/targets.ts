import { absolutePath, isWithin } from "../../systemd/paths";

/** Without what is in them a guest does not boot. Directories below them may be covered. */
const SYSTEM = ["/bin", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/run", "/sbin", "/usr"];

/** Made by systemd-nspawn and by the guest's init for themselves; nothing may be mounted in them either. */
const API = ["/proc", "/sys", "/run/host", "/run/systemd"];

/** Where in a guest something can be mounted. */
export const targetSchema = absolutePath.superRefine((path, context) => {
  const problem = problemOfTarget(path);
  if (problem !== undefined) context.addIssue({ code: "custom", message: `${JSON.stringify(path)} ${problem}` });
});

function problemOfTarget(path: string): string | undefined {
  if (path === "/") return "is the guest's root, which its rootfs is. Mount below it.";
  if (SYSTEM.includes(path)) return `has what the guest boots from. Mount a directory below it, such as ${path}/data.`;
  const api = API.find((place) => isWithin(path, place));
  if (api === undefined) return undefined;
  return `is ${path === api ? "a directory that" : `in ${api}, which`} systemd-nspawn and the guest's init make for themselves. Choose another place.`;
}
