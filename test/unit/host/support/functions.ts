import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import type { ScratchHost } from "./scratch-host";

/** What a shell function prints; paths are those of the host. */
export function printed(host: ScratchHost, call: Script): string {
  // The dot keeps the last line's end; a call that fails ends the script.
  const text = first(host, sh`printed_text=$(${call}; printf .); answer printed "$printed_text"`);
  return text.slice(0, -1).replaceAll(host.directory, "");
}

/** Whether a shell function succeeds where it is a condition. */
export function holds(host: ScratchHost, call: Script): boolean {
  return first(host, sh`if ${call}; then answer holds yes; else answer holds no; fi`) === "yes";
}

/** What a script answers, each answer as its key and values; paths are those of the host. */
export function answered(host: ScratchHost, call: Script): string[][] {
  return host.run(call).map(({ key, values }) => [key, ...values.map((value) => value.replaceAll(host.directory, ""))]);
}

/** The calls of a host's programs, with the paths of the host. */
export function called(host: ScratchHost): string[] {
  return host.calls().map((call) => call.replaceAll(host.directory, ""));
}

/** Makes named pipes, from which whoever opens them gets the given text: without a writer they would wait for ever. */
export function pipes(paths: readonly string[], text: string): Script {
  return sh`
writers=; trap 'kill $writers 2>/dev/null || :' EXIT
for pipe in ${paths}; do
  mkdir -p "$(dirname "$pipe")"; mkfifo "$pipe"
  { printf '%s\n' ${text} >"$pipe"; } & writers="$writers $!"
done
`;
}

function first(host: ScratchHost, script: Script): string {
  return host.run(script).at(-1)?.values[0] ?? "";
}
