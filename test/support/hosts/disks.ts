import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { command } from "../../../scripts/tools/command";
import { nameServers, settings } from "./outer";
import { hostDirectory, network, script } from "./paths";
import { clientKeyFile, type HostRecord } from "./registry";

/** Makes a new host's disks, and the files that a client needs to reach it. */
export async function prepareDisks(record: HostRecord, bytesPerInode: number): Promise<void> {
  const directory = hostDirectory(record.name);
  const address = network.address(record.slot);
  const hostKeyFile = join(directory, "ssh_host_ed25519_key");
  await command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", `root@${record.name}`, "-f", hostKeyFile]);
  const hostKey = await readFile(`${hostKeyFile}.pub`, "utf8");
  await writeFile(join(directory, "known_hosts"), `${address},${record.name} ${hostKey}`);
  await writeFile(join(directory, "ssh_config"), sshConfig(record.name, address, directory));
  await writeFile(join(directory, "authorized_keys"), await readFile(`${clientKeyFile}.pub`));

  const servers = await nameServers();
  const seed = {
    "etc/hostname": `${record.name}\n`,
    "etc/hosts": `127.0.0.1 localhost\n127.0.1.1 ${record.name}\n`,
    "etc/resolv.conf": servers.map((server) => `nameserver ${server}\n`).join(""),
    "etc/systemd/network/10-eth0.network": uplink(address, servers),
    "etc/ssh/ssh_host_ed25519_key": await readFile(hostKeyFile, "utf8"),
    "etc/ssh/ssh_host_ed25519_key.pub": hostKey,
  };
  for (const [path, text] of Object.entries(seed)) {
    const file = join(directory, "seed", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await chmod(join(directory, "seed/etc/ssh/ssh_host_ed25519_key"), 0o600);
  const environment = {
    DIRECTORY: directory,
    BASE: record.base,
    FILESYSTEM: record.filesystem,
    IMAGE_SIZE: record.imageSize,
    BYTES_PER_INODE: `${bytesPerInode}`,
  };
  await command("unshare", ["--mount", "sh", script("disks.sh")], { env: { ...(await settings()), ...environment } });
}

/** The address is set before the boot: with KeepConfiguration= networkd takes it over unchanged. */
function uplink(address: string, servers: readonly string[]): string {
  const dns = servers.map((server) => `DNS=${server}\n`).join("");
  return `[Match]\nName=eth0\n\n[Network]\nAddress=${address}/24\nGateway=${network.gateway}\n${dns}LinkLocalAddressing=no\nKeepConfiguration=yes\n`;
}

function sshConfig(name: string, address: string, directory: string): string {
  return `Host ${name}
  HostName ${address}
  User root
  IdentityFile ${clientKeyFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${join(directory, "known_hosts")}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`;
}
