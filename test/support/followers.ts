import type { TestHost } from "./hosts";

/** Sends a signal to the processes that follow a job on the host, and returns their PIDs. */
export function signalFollowers(host: TestHost, signal: "STOP" | "CONT" | "KILL" | "0"): Promise<string> {
  return host.sh(`
for fd in /proc/[0-9]*/fd/*; do
  case $(readlink "$fd") in */pulumi-nspawn/units/*.followers) pid=\${fd#/proc/}; echo "\${pid%%/*}" ;; esac
done | sort -u | while read -r pid; do kill -${signal} "$pid" 2>/dev/null && echo "$pid"; done || :`);
}
