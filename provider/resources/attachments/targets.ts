import { absolutePath, isWithin } from "../../systemd/paths";

/** A guest does not boot without their contents. Directories below them may be covered. */
const SYSTEM = ["/bin", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/run", "/sbin", "/usr"];

/** systemd-nspawn and the guest's init create these for themselves. Nothing may be mounted inside them either. */
const API = ["/proc", "/sys", "/run/host", "/run/systemd"];

/** A path in a guest at which something can be mounted. */
export const targetSchema = absolutePath.superRefine((path, context) => {
  const problem = problemOfTarget(path);
  if (problem !== undefined) context.addIssue({ code: "custom", message: `${JSON.stringify(path)} ${problem}` });
});

function problemOfTarget(path: string): string | undefined {
  if (path === "/") return "is the guest's root directory, which its rootfs provides. Mount below it.";
  if (SYSTEM.includes(path))
    return `contains what the guest boots from. Mount a directory below it, such as ${path}/data.`;
  const api = API.find((place) => isWithin(path, place));
  if (api === undefined) return undefined;
  return `is ${path === api ? "a directory that" : `in ${api}, which`} systemd-nspawn and the guest's init set up for themselves. Choose another path.`;
}
