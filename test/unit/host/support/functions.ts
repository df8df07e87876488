import { sh } from "../../../../provider/host/sh";
import type { Answer, Script } from "../../../../provider/remote";
import type { ScratchHost } from "./scratch-host";

/** What a shell function prints; paths are those of the host. */
export function printed(host: ScratchHost, call: Script): string {
  // The dot keeps the last line's end; a call that fails ends the script.
  return host.printed(sh`${call}; printf .`).slice(0, -1).replaceAll(host.directory, "");
}

/** The answer of a script that refuses. */
export function refused(...values: readonly string[]): Pick<Answer, "key" | "values">[] {
  return [{ key: "refused", values: [...values] }];
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
