import type { HostModel, MachineModel } from "./programs/schema";

/** The unit's own limit, systemd-nspawn@.service. */
const DEFAULT_TASKS = 16_384;

/** What is true of a host that has what a program declares, sorted. `stayed`: directories that deleted mounts left. */
export function expectedFacts(host: HostModel, stayed: readonly string[]): string[] {
  const sources = Object.values(host.mounts).map(({ source }) => source);
  return [
    ...Object.keys(host.networks).map((name) => `network ${name}`),
    ...Object.entries(host.roots).flatMap(([name, { content }]) => [
      `root ${name}`,
      `image ${name}`,
      `content ${name} ${content}`,
    ]),
    ...sources.map((source) => `source ${source}`),
    ...stayed.filter((source) => !sources.includes(source)).map((source) => `stayed ${source}`),
    ...Object.entries(host.machines).flatMap(([name, machine]) => machineFacts(name, machine, host)),
    ...Object.values(host.provisions).flatMap(({ machine, content, step }) => [
      `provision ${machine}`,
      `provisioned ${machine} ${content}`,
      `step ${machine} ${step}`,
    ]),
  ].sort();
}

function machineFacts(name: string, machine: MachineModel, { mounts }: HostModel): string[] {
  const ports = Object.entries(machine.networks).flatMap(([network, port]) =>
    port === null ? [] : [`port ${network}.${name} ${port}`],
  );
  const always = [`machine ${name}`, ...(machine.autostart ? [`enabled ${name}`] : []), ...ports];
  if (!machine.running) return always;
  return [
    ...always,
    `running ${name}`,
    `memory ${name} ${machine.memory === undefined ? "infinity" : mebibytes(machine.memory)}`,
    `tasks ${name} ${machine.tasks ?? DEFAULT_TASKS}`,
    `stage ${name} ${machine.stage}`,
    ...machine.mounts.map((mount) => `mounted ${name} ${mount} ${mounts[mount]?.readOnly === true ? "ro" : "rw"}`),
    ...(machine.ephemeral ? ["snapshot"] : []),
  ];
}

function mebibytes(size: string): number {
  return Number(size.replace("MiB", "")) * 2 ** 20;
}
