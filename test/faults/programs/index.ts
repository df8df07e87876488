import type { Program } from "./program";
import { bridge, build, devBox, host, machine, mount, network, provision, rootfs } from "./resources";

export const programs: readonly Program[] = [host, network, bridge, mount, rootfs, machine, provision, devBox, build];

export function programOf(name: string): Program {
  const found = programs.find((program) => program.name === name);
  if (found === undefined) throw new Error(`there is no program "${name}"`);
  return found;
}
