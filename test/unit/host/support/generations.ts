import { mkdirSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { printed } from "./functions";
import type { ScratchHost } from "./scratch-host";

/** What a marker of a root can say, besides its generation. */
export interface Said {
  readonly owner?: string;
  readonly urn?: string;
  readonly created?: string;
  readonly complete?: boolean;
  readonly identity?: string;
  readonly claimant?: string;
  readonly acknowledged?: "yes" | "no";
  readonly suite?: string;
  readonly variant?: string;
  readonly architecture?: string;
  readonly birth?: string;
}

/** Where a marker is. */
export function markerOf(name: string, generation: string): string {
  return `/var/lib/pulumi-nspawn/rootfs/${name}@${generation}.json`;
}

/** Where a generation's tree is until it gets its name. */
export function waitingOf(name: string, generation: string): string {
  return `/var/lib/machines/.pulumi-${name}.${generation}`;
}

/** Writes a marker, and no tree. */
export function writeMarker(host: ScratchHost, name: string, generation: string, said: Said = {}): void {
  const marker = {
    owner: "me",
    urn: "urn:x",
    generation,
    created: "2026-01-01",
    builtWith: "debootstrap",
    complete: true,
    identity: "0:0",
    version: 1,
    ...said,
  };
  host.write(markerOf(name, generation), `${JSON.stringify(marker, undefined, 2)}\n`);
}

/** Makes a tree, in which a file tells whose it is, and its marker. */
export function makeGeneration(
  host: ScratchHost,
  { name = "web", generation, at = waitingOf(name, generation), ...said }: MadeGeneration,
): void {
  mkdirSync(host.at(at), { recursive: true });
  host.write(`${at}/which`, generation);
  writeMarker(host, name, generation, { identity: printed(host, sh`image_identity ${at}`).trim(), ...said });
}

interface MadeGeneration extends Said {
  readonly name?: string;
  readonly generation: string;
  readonly at?: string;
}
