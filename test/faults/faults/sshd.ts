import { connect, type Socket } from "node:net";
import { beforeOrDuring, type Fault } from "./fault";

/** sshd(8) with one more setting, read from now on. */
function withSetting(setting: string): string {
  return `echo '${setting}' >/etc/ssh/sshd_config.d/10-fault.conf; systemctl reload ssh`;
}
const WITHOUT = "rm -f /etc/ssh/sshd_config.d/10-fault.conf; systemctl reload ssh";

export const sshdStopped: Fault = {
  name: "sshd-stopped",
  title: "sshd is stopped, with its sessions",
  moments: beforeOrDuring,
  held: "drop",
  inject: async ({ ground }) => {
    await ground.host.sh("systemctl stop ssh.service; loginctl terminate-user ops || :");
    ground.proxy.cut();
  },
  heal: async ({ ground }) => {
    await ground.host.sh("systemctl start ssh.service");
  },
};

export const maxSessions: Fault = {
  name: "max-sessions",
  title: "`MaxSessions 1`, from a lost connection on",
  moments: ["before", "after"],
  held: "drop",
  inject: async ({ ground }) => {
    await ground.host.sh(withSetting("MaxSessions 1"));
    ground.proxy.cut();
  },
  heal: async ({ ground }) => {
    await ground.host.sh(WITHOUT);
    ground.proxy.cut();
  },
};

const silent = new Set<Socket>();

/** Others that do not get round to logging in use up the places of those who do. */
export const maxStartups: Fault = {
  name: "max-startups",
  title: "`MaxStartups 1`, used up by somebody else, from a lost connection on",
  moments: ["before", "after"],
  held: "drop",
  inject: async ({ ground }) => {
    const setting = "MaxStartups 1:100:1\\nPerSourcePenalties no";
    await ground.host.sh(`printf '${setting}\\n' >/etc/ssh/sshd_config.d/10-fault.conf; systemctl restart ssh`);
    const socket = connect({ host: ground.host.address, port: ground.host.port });
    socket.on("error", () => {});
    silent.add(socket);
    // Its banner shows that it has its place.
    await new Promise((resolve) => socket.once("data", resolve).once("close", resolve));
    ground.proxy.cut();
  },
  heal: async ({ ground }) => {
    for (const socket of silent) socket.destroy();
    silent.clear();
    await ground.host.sh("rm -f /etc/ssh/sshd_config.d/10-fault.conf; systemctl restart ssh");
  },
};
