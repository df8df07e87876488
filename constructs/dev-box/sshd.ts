/** The path at which the host key is mounted. */
export const HOST_KEYS = "/etc/ssh/host-keys";

const KEY = `${HOST_KEYS}/ssh_host_ed25519_key`;

/**
 * Part of the root, so that a new root uses the old key from its first start. The very first root creates the key
 * before sshd reads it.
 */
export const sshdFiles = [
  { path: "/etc/ssh/sshd_config.d/10-devbox.conf", content: `HostKey ${KEY}\n` },
  {
    path: "/etc/systemd/system/ssh.service.d/10-devbox.conf",
    content: [
      "[Service]",
      "ExecStartPre=",
      `ExecStartPre=/bin/sh -c '[ -e ${KEY} ] || ssh-keygen -q -t ed25519 -N "" -C "" -f ${KEY}'`,
      "ExecStartPre=/usr/sbin/sshd -t",
      "",
    ].join("\n"),
  },
];

export const HOST_KEY_STEP = "sshd host key";

/** This step prints the key, which makes it an output. */
export const hostKeyStep = { name: HOST_KEY_STEP, run: `systemctl start ssh; cat ${KEY}.pub` };
