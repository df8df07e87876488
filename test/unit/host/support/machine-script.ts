import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { ScratchHost } from "./scratch-host";

/** The machine "web" and its files. */
export const unit = "systemd-nspawn@web.service";
export const marker = "/var/lib/pulumi-nspawn/machines/web.json";
export const manifest = "/var/lib/pulumi-nspawn/machines/web.files";
export const settings = "/etc/systemd/nspawn/web.nspawn";
export const started = "run/pulumi-nspawn/started/web";
export const dependents = "run/pulumi-nspawn/dependents/web";

export const hashOf = (content: string) => createHash("sha256").update(content).digest("hex");

/** What the functions about a machine need to know. */
export const about = sh`machine_name=web; machine_unit=${unit}; machine_marker=${marker}; machine_manifest=${manifest}; machine_pid=; machine_state=`;

/** A host without machines, whose programs say nothing. */
export function machineHost(): ScratchHost {
  const quiet = { systemctl: "", journalctl: "", machinectl: "exit 1", nsenter: "", ip: "", sleep: "" };
  const host = new ScratchHost(quiet, ["/proc"]);
  host.write("proc/self/mountinfo", "");
  return host;
}

/** What tests of these functions run about the machine, on the host of the present test. */
export function aboutMachine(host: () => ScratchHost) {
  const script = (text: Script) => sh`${about}
${text}`;
  return {
    run: (text: Script) => host().run(script(text)),
    holds: (text: Script) => host().holds(script(text)),
    printed: (text: Script) => host().printed(script(text)),
    called: (program: string) =>
      host()
        .calls()
        .filter((call) => call.startsWith(`${program} `)),
    text: (path: string) => readFileSync(host().at(path), "utf8"),
  };
}

/** Gives the machine settings that count at its start. */
export function writeSettings(host: ScratchHost, content: string): void {
  host.write(settings, content);
  host.write(manifest, `restart text ${host.at(settings)}\n`);
}
