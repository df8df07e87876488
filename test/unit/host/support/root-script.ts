import { mkdirSync } from "node:fs";
import { aboutClaim } from "../../../../provider/host/ownership";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { claim } from "./claim";
import { ScratchHost } from "./scratch-host";

/** The time on the host. */
export const NOW = "2026-02-01T00:00:00.000Z";

/** A host that can have roots, and has none. */
export function rootHost(): ScratchHost {
  const host = new ScratchHost({ date: `echo ${NOW}`, df: "echo 10 0 0 /dev/vda /" }, ["/proc", "/run/systemd"]);
  for (const directory of ["/var/lib/machines", "/var/lib/pulumi-nspawn/rootfs"])
    mkdirSync(host.at(directory), { recursive: true });
  host.write("/proc/self/mountinfo", "");
  return host;
}

/** What a script says of the root it is about, with the functions it calls. */
export function aboutRoot(call: Script, more: Script = sh``): Script {
  return lines([
    sh`
${aboutClaim(claim())}
root_name=web; root_generation=g1; root_urn_json=${JSON.stringify("urn:x")}
root_suite=trixie; root_variant=minbase; root_arch=''; root_birth=b1; root_leftover=''
root_copy=copy; root_from=key; root_need=10; root_need_inodes=0
base_arch=riscv64; base_builder=mmdebstrap; root_cache_key=key
copy() { mkdir "$2"; echo "$1" >"$2/from"; }
root_personalise() { :; }
`,
    more,
    call,
  ]);
}

/** What `generation_answer` answered: the name, the generation and the place. */
export function rootsIn(answers: string[][]): string[][] {
  return answers.map(([key = "", text = ""]) => [key, ...text.split("\n").slice(0, 3)]);
}
