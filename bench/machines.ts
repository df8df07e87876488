import { command } from "../scripts/tools/command";
import { connectionTo } from "../test/support/connection";
import type { TestHost } from "../test/support/hosts";
import type { Bench } from "./support/bench";
import { compared } from "./support/figures";
import { onHost } from "./support/hosts";
import { Program } from "./support/program";
import { rounds, timed } from "./support/rounds";

const COUNT = 8;
const SIZE = { count: COUNT, whole: false };

const ALL_AT_ONCE = `
set -e
for name in $(seq -f script%g ${COUNT}); do one "$name" & pids="$pids $!"; done
for pid in $pids; do wait "$pid"; done`;

/** What an administrator would write: all machines at once, over one connection, from the same base. */
const CREATE = `
one() {
  mkdir -m 0755 "/var/lib/machines/$1"
  tar --xattrs --xattrs-include='*' --numeric-owner -C "/var/lib/machines/$1" -xf /var/lib/machines/.pulumi-cache/*.tar
  printf '[Exec]\\nBoot=yes\\nPrivateUsers=pick\\nTimezone=off\\n[Files]\\nPrivateUsersOwnership=auto\\n[Network]\\nVirtualEthernet=no\\n' \\
    >"/etc/systemd/nspawn/$1.nspawn"
  systemctl enable --quiet --now "systemd-nspawn@$1"
  until systemctl -M "$1" is-system-running 2>/dev/null | grep -qxE 'running|degraded'; do sleep 0.05; done
}
mkdir -p /etc/systemd/nspawn
${ALL_AT_ONCE}
`;

const DESTROY = `
one() {
  systemctl disable --quiet --now "systemd-nspawn@$1"
  rm -rf "/var/lib/machines/$1" "/etc/systemd/nspawn/$1.nspawn"
}
${ALL_AT_ONCE}
`;

interface Times {
  readonly create: number;
  readonly destroy: number;
}

export const machines: Bench = {
  name: "machines",
  about: `${COUNT} machines on one host, from a cached base until they have booted, and their removal; without Pulumi's own time`,
  run: ({ rounds: count, log }) =>
    onHost(log, async (host) => {
      const nothing = await Program.open("nothing", SIZE);
      const ours = await Program.open("machines", { ...SIZE, connection: JSON.stringify(connectionTo(host)) });
      try {
        const pairs = await rounds(
          count,
          async () => without(await byProgram(nothing), await byProgram(ours)),
          () => byScript(host),
        );
        const of = (key: keyof Times) => pairs.map((pair) => ({ ours: pair.ours[key], baseline: pair.baseline[key] }));
        return [
          compared(`${COUNT} machines are created`, of("create"), "one shell script", 1.3),
          compared(`${COUNT} machines are removed`, of("destroy"), "one shell script"),
        ];
      } finally {
        for (const program of [nothing, ours]) await program.dispose();
      }
    }),
};

function without(pulumi: Times, all: Times): Times {
  return { create: all.create - pulumi.create, destroy: all.destroy - pulumi.destroy };
}

async function byProgram(program: Program): Promise<Times> {
  return { create: await program.up(), destroy: await program.destroy() };
}

async function byScript(host: TestHost): Promise<Times> {
  const run = (script: string) =>
    timed(() => command("ssh", ["-F", host.sshConfigFile, host.name, "sh", "-s"], { input: script }));
  return { create: await run(CREATE), destroy: await run(DESTROY) };
}
