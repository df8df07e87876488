import { diskFull, inodesFull, readOnly } from "./disks";
import type { Fault } from "./fault";
import { clock, dbus, machined, mirror, networkd, power, sudo } from "./host";
import { cut, cutShortly, stall } from "./network";
import { person, twoStacks } from "./people";
import { interrupt, interruptTwice, killCli, killProvider } from "./processes";
import { maxSessions, maxStartups, sshdStopped } from "./sshd";

export const faults: readonly Fault[] = [
  cut,
  cutShortly,
  stall,
  killProvider,
  killCli,
  interrupt,
  interruptTwice,
  sshdStopped,
  power,
  diskFull,
  inodesFull,
  readOnly,
  mirror,
  maxSessions,
  maxStartups,
  clock,
  sudo,
  dbus,
  machined,
  networkd,
  person,
  twoStacks,
];

export function faultOf(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`there is no fault "${name}"`);
  return found;
}
