import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ProviderProcess } from "../../support/provider-process";
import type { Attack } from "../attack";
import { bagOf, type TreeGround } from "./ground";
import { comingAndGoing, MANY_MOUNTS } from "./mounts";

const PEAKS = "/run/largest-processes";
/** MiB of resident memory that an attack may cost: the provider more than a refresh without it, the host's root at all. */
const LIMITS = { provider: 128, host: 64 };

/** Peaks of resident memory in one refresh, and while a source comes and goes, in MiB: of the provider process, and of the largest one of the host's root. */
interface Peaks {
  readonly provider: number;
  readonly host: number;
}

const calm = new WeakMap<TreeGround, Peaks>();

async function peaksOf(ground: TreeGround): Promise<Peaks> {
  await ground.host.sh(`rm -f ${PEAKS}`);
  const provider = await ground.withProvider(async (process) => {
    await readBad(process, ground);
    const source = await process.create("BindMount", bagOf(comingAndGoing(ground)));
    await process.delete("BindMount", source.id, source.properties);
    return peakOf(process);
  });
  // A script's peak is noted when it has ended, which may be after its answer has arrived.
  for (;;) {
    const noted = await ground.host.sh(`cat ${PEAKS} 2>/dev/null || :`);
    const peaks = noted.split("\n").filter(Boolean).map(Number);
    if (peaks.length > 0) return { provider, host: Math.max(...peaks) / 1024 };
    await pause(100);
  }
}

async function readBad(process: ProviderProcess, { bad: { root, machine, provision } }: TreeGround): Promise<void> {
  await process.read("DebianRootfs", root.id, bagOf(root.state));
  await process.read("NspawnMachine", machine.id, bagOf(machine.state));
  await process.read("Provision", provision.id, bagOf(provision.state));
}

async function peakOf({ child }: ProviderProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Has sshd note what the host's root needs; only connections that are made from now on. */
async function noting(ground: TreeGround): Promise<void> {
  const program = (await readFile(join(__dirname, "..", "largest-process.pl"))).toString("base64");
  await ground.host.sh(`
echo ${program} | base64 -d >/usr/local/sbin/largest-process; chmod 755 /usr/local/sbin/largest-process
printf 'Match User root\\n  ForceCommand /usr/local/sbin/largest-process\\n' >/etc/ssh/sshd_config.d/90-largest.conf
systemctl reload ssh`);
}

async function notNoting({ host }: TreeGround): Promise<void> {
  await host.sh("rm -f /etc/ssh/sshd_config.d/90-largest.conf; systemctl reload ssh");
}

interface Use {
  readonly what: string;
  readonly tries: string;
  readonly begin: string;
  /** @default a boot */
  readonly end?: string;
}

const memoryOf = ({ what, tries, begin, end }: Use): Attack<TreeGround> => ({
  name: `a guest wants memory by ${what}`,
  tries,
  held: "memory is bounded",
  isLong: true,
  prepare: async (ground) => {
    await noting(ground);
    if (!calm.has(ground)) calm.set(ground, await peaksOf(ground));
    await ground.inBad(begin);
  },
  verdict: async (ground) => {
    const [before, now] = [calm.get(ground), await peaksOf(ground)];
    assert.ok(before !== undefined);
    const figures = `provider ${shown(now.provider)} (without the attack ${shown(before.provider)}), largest process of the host's root ${shown(now.host)} (${shown(before.host)})`;
    assert.ok(now.provider - before.provider < LIMITS.provider && now.host < LIMITS.host, figures);
    return figures;
  },
  undo: async (ground) => {
    if (end === undefined) await ground.restartBad();
    else await ground.inBad(end);
    await notNoting(ground);
  },
});

const shown = (mebibytes: number) => `${Math.round(mebibytes)} MiB`;

const status = (make: string): Pick<Use, "begin" | "end"> => ({
  begin: `cd /var/lib/dpkg; mv status status.kept; ${make}`,
  end: "cd /var/lib/dpkg; mv -f status.kept status",
});

/** What the provider and the host's root need while a guest makes them read as much as it can. */
export const memory: readonly Attack<TreeGround>[] = [
  { what: "a list of packages of 20 GiB", tries: "truncate -s 20G", ...status("truncate -s 20G status") },
  {
    what: "a list of packages of 235 MB",
    tries: "the list of packages 235 MB long",
    ...status('yes "$(cat status.kept)" | head -c 235M >status'),
  },
  {
    what: "a list of packages that is just not too long",
    tries: "32 MiB of packages with other names each",
    ...status(
      String.raw`seq 1000000 | awk '{ print "Package: p" $1 "\nStatus: install ok installed\nVersion: 1\n" }' | head -c 33554432 >status`,
    ),
  },
  {
    what: "output without end",
    tries: "/bin/sh prints without end",
    begin:
      "printf '#!/bin/bash\\nexec tr \"\\\\0\" x </dev/zero\\n' >/srv/sh; chmod 755 /srv/sh; mount --bind /srv/sh /usr/bin/dash",
    end: "umount -l /usr/bin/dash",
  },
  { what: "4,096 mounts at long paths", tries: "mount --rbind, 12 times", begin: MANY_MOUNTS },
].map(memoryOf);
