import { kinds } from "./model";
import { names, sourcesOf } from "./names";
import type { HostModel } from "./programs/schema";
import type { UserFiles } from "./survivors";

/** A directory that stays keeps its marker. */
const OF_SOURCES = /^(file|content) (\/srv\/soak|\/var\/lib\/pulumi-nspawn(\/sources.*)?)[ :/]/;

/** What jobs leave until the next boot; the addresses of machines, which get them again; units that are only known. */
const RECORDS = [
  /^runtime \/run\/pulumi-nspawn\/(sources-|units\/|\w+ d$)/,
  /^content [^ ]*\.leases: /,
  /^unit \S+ inactive dead$/,
];

/** What is only there while an operation works, or after one that went wrong. */
const UNFINISHED = [
  /^process /,
  /^lock (?!systemd-nspawn )/,
  /^unit (?!run-systemd-nspawn|pulumi-nspawn-nftables)(run-|pulumi-)(?!.*\.mount )/,
  /^unit (systemd-nspawn@|run-|pulumi-)\S+ failed /,
  /^image \.pulumi-/,
  // All roots are made from the base that a fresh host has already.
  /^cached /,
  /^mount .*\/\.pulumi-/,
];

/** Of the lines of a census that a fresh host has not, those that no program explains. */
export function leftovers(lines: readonly string[], host: HostModel, files: UserFiles): string[] {
  const isEmpty = kinds.every((kind) => Object.keys(host[kind]).length === 0);
  const suspicious = [...UNFINISHED, ...undeclared(host, files)];
  return lines
    .filter((line) => !RECORDS.some((record) => record.test(line)))
    .filter((line) => suspicious.some((pattern) => pattern.test(line)) || (isEmpty && !OF_SOURCES.test(line)));
}

/** Patterns of everything that has the name of something that no program declares. */
function undeclared(host: HostModel, files: UserFiles): RegExp[] {
  const networks = names.networks.filter((name) => !(name in host.networks));
  const machines = names.machines.filter((name) => !(name in host.machines));
  const declared = Object.values(host.mounts).map(({ source }) => source);
  const sources = names.mounts.flatMap(sourcesOf).filter((source) => ![...files.sources, ...declared].includes(source));
  return [
    ...networks.map((name) => new RegExp(`\\b${name}\\b`)),
    // Its root has the same name, and may be declared without it.
    ...machines.map((name) => new RegExp(`${OF_MACHINES}${name}\\b`)),
    ...sources.map((source) => new RegExp(`${source}\\b`)),
  ];
}

/** What is before the name of a machine in the names of its files, units and links. */
const OF_MACHINES = "(nspawn@|/nspawn/|\\bv[ebz]-|pulumi-nspawn/machines/|/started/|\\.)";
