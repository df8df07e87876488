import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { TestHost } from "../support/hosts";

const DIRECTORY = "/run/gate";

/**
 * The place on a host through which each script of its client passes. It counts them, which a network can only guess
 * from bursts of encrypted bytes, and stops exactly one of them.
 */
export class Gate {
  constructor(private readonly host: TestHost) {}

  /** Puts it in front of the scripts of one user, for good; sshd reads it at its next start. */
  async install(user: string): Promise<void> {
    const text = (await readFile(join(__dirname, "gate.sh"))).toString("base64");
    await this.host.sh(`
      echo ${text} | base64 -d >/usr/local/sbin/gate; chmod 755 /usr/local/sbin/gate
      printf 'Match User ${user}\\n  ForceCommand /usr/local/sbin/gate\\n' >/etc/ssh/sshd_config.d/90-gate.conf`);
  }

  /** Begins to count, and holds back the script with this number. */
  async arm(hold?: number): Promise<void> {
    const held = hold === undefined ? "" : `: >${DIRECTORY}/hold-${hold}`;
    await this.host.sh(`rm -rf ${DIRECTORY}; mkdir -m 0777 ${DIRECTORY}; ${held}\n: >${DIRECTORY}/armed`);
  }

  async disarm(): Promise<void> {
    await this.host.exec(`rm -rf ${DIRECTORY}`);
  }

  /** Waits until a step has begun or ended; `false` if `over` becomes true before. */
  async reaches(step: number, what: "begun" | "ended", over: () => boolean): Promise<boolean> {
    const inside = `${DIRECTORY}/${step}/${what}`;
    const path = await this.host.outside(inside);
    if (path === undefined) return false;
    for (;;) {
      const last = over();
      if (await stat(path).catch(() => undefined)) return true;
      if (last) return false;
      await pause(10);
    }
  }

  /** Lets the script that it holds back run, or ends it unrun. */
  async release(step: number, how: "run" | "drop"): Promise<void> {
    const drop = how === "drop" ? `: >${DIRECTORY}/drop-${step};` : "";
    await this.host.exec(`${drop} rm -f ${DIRECTORY}/hold-${step}`);
  }

  /** How long each script took, in milliseconds. */
  async durations(): Promise<number[]> {
    const listed = await this.host.sh(
      `cd ${DIRECTORY}; for step in $(ls | grep -x '[0-9]*' | sort -n); do
         stat -c '%.Y' $step/begun; stat -c '%.Y' $step/ended 2>/dev/null || stat -c '%.Y' $step/begun; done`,
    );
    const times = listed.trim().split("\n").filter(Boolean).map(Number);
    return Array.from({ length: times.length / 2 }, (_, index) => {
      const [from = 0, to = 0] = times.slice(2 * index, 2 * index + 2);
      return Math.round((to - from) * 1000);
    });
  }
}
