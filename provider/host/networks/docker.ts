import type { Answer } from "../../remote";
import { renderSections } from "../../systemd/settings-file";
import { lineDifference } from "../drift";
import { sh } from "../sh";

export const DOCKER_SCRIPT = "/etc/pulumi-nspawn/docker-user.sh";
export const DOCKER_DROP_IN = "/etc/systemd/system/docker.service.d/90-pulumi-nspawn.conf";

/**
 * Docker drops forwarded packets unless one of its own rules accepts them, and an accept in another table does not
 * count (moby issue 39439). Its chain DOCKER-USER is meant for other people's rules, and Docker never flushes it: we
 * put one jump there, to our own chain, which is rewritten as a whole each time. Without Docker the script does
 * nothing.
 */
export const dockerScript = `#!/bin/sh
# Managed by pulumi-nspawn: lets packets of machines pass the rules of Docker.
${
  sh`
docker_status=0
docker_user_allow iptables ip || docker_status=$?
docker_user_allow ip6tables ip6 || docker_status=$?
exit "$docker_status"
`.text
}`;

/** Restores the rules when Docker starts, also at boot. */
export const dockerDropIn = renderSections("Managed by pulumi-nspawn.", [
  { name: "Service", entries: [["ExecStartPost", `-/bin/sh ${DOCKER_SCRIPT}`]] },
]);

/** The rules of iptables that are missing or too many on a host with Docker. */
export function dockerDrift(answers: readonly Answer[]): string {
  const jump = "-A DOCKER-USER -j PULUMI-NSPAWN";
  const families = answers.filter(({ key }) => key === "docker");
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  return families
    .map(({ values: [jumps = "", is = "", should = ""] }) =>
      lineDifference([jump, ...lines(should)], [...lines(jumps), ...lines(is)]),
    )
    .filter((text) => text !== "")
    .join("\n");
}
