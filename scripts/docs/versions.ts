import { OWNERSHIPS } from "../../provider/resources/attachments/bind-spec";
import { machineFiles } from "../../provider/resources/nspawn-machine/machine-files";
import { machineInputs } from "../../provider/resources/nspawn-machine/machine-inputs";

/** Values that may need a newer systemd than the oldest supported one, by the input that takes them. */
const SAMPLES: Readonly<Record<string, readonly (readonly [word: string, inputs: object])[]>> = {
  "NspawnMachine.privateUsers": ["identity", "managed"].map((value) => [value, { privateUsers: value }]),
  "NspawnMachine.secrets": [["", { secrets: { name: "value" } }]],
  "BindMount.ownership": OWNERSHIPS.map((ownership) => [ownership, { mounts: [bind(ownership)] }]),
};

/**
 * The version of systemd that an input, or a value of it, needs on the host, from the machine's own check; empty if any
 * will do.
 */
export function versionOf(kind: string, input: string): string {
  const samples = SAMPLES[`${kind}.${input}`] ?? [];
  return samples
    .flatMap(([word, inputs]) => {
      const versions = needed(inputs);
      return versions.length === 0 ? [] : [`${word === "" ? "" : `\`${word}\` `}${Math.max(...versions)}`];
    })
    .join(", ");
}

function needed(inputs: object): number[] {
  const host = { connection: { host: "server" } };
  const parsed = machineInputs.parse({ host, name: "box", rootName: "box", rootfs: "box", ...inputs });
  return machineFiles(parsed).needs.map(({ systemd }) => systemd);
}

function bind(ownership: string) {
  return { bind: { host: "server:22", id: "data", source: "/srv/data", target: "/data", ownership } };
}
